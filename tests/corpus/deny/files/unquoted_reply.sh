# rule: HG303
pre_upgrade() {
    read -r < /tmp/x
    echo $REPLY
}
post_upgrade() {
    return 0
}
