# rule: HG202
pre_upgrade() {
    /bin/cat /tmp/x
}
post_upgrade() {
    return 0
}
