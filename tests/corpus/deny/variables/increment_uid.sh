# rule: HG210
pre_upgrade() {
    (( UID++ ))
}
post_upgrade() {
    return 0
}
