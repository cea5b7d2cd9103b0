pre_upgrade() {
    sed -n '\,/etc/x,p;\|a|,$d' /tmp/x
}
post_upgrade() {
    return 0
}
