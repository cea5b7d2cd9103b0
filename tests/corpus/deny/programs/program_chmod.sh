# rule: HG202
pre_upgrade() {
    chmod x
}
post_upgrade() {
    return 0
}
