# rule: HG210
pre_upgrade() {
    (( RANDOM = 1 ))
}
post_upgrade() {
    return 0
}
