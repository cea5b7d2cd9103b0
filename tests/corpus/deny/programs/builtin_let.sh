# rule: HG202
pre_upgrade() {
    let x
}
post_upgrade() {
    return 0
}
