# rule: HG303
pre_upgrade() {
    [[ -e /etc/passwd ]]
}
post_upgrade() {
    return 0
}
