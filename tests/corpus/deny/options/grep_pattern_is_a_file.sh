# rule: HG303
pre_upgrade() {
    grep /etc/passwd -e root
}
post_upgrade() {
    return 0
}
