# rule: HG105
readonly limit=1
pre_upgrade() {
    helper
}
post_upgrade() {
    return 0
}
limit=2
helper() {
    return 0
}
