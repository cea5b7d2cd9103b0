# rule: HG203
pre_upgrade() {
    ${x:-date}
}
post_upgrade() {
    return 0
}
