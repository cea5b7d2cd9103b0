# rule: HG210
pre_upgrade() {
    OPENSSL_CONF=/tmp/x date
}
post_upgrade() {
    return 0
}
