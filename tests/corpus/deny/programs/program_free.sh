# rule: HG202
pre_upgrade() {
    free x
}
post_upgrade() {
    return 0
}
