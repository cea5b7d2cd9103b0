# rule: HG203
pre_upgrade() {
    "$(echo date)" x
}
post_upgrade() {
    return 0
}
