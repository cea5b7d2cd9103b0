# rule: HG203
pre_upgrade() {
    {date,x}
}
post_upgrade() {
    return 0
}
