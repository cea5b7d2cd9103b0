# rule: HG209
pre_upgrade() {
    sed -n '\,a,e' /tmp/x
}
post_upgrade() {
    return 0
}
