# rule: HG206
pre_upgrade() {
    mapfile -C x -c 1 y
}
post_upgrade() {
    return 0
}
