# rule: HG303
pre_upgrade() {
    grep /etc/passwd --regexp=root
}
post_upgrade() {
    return 0
}
