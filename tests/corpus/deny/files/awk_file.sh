# rule: HG303
pre_upgrade() {
    awk '{print}' /etc/passwd
}
post_upgrade() {
    return 0
}
