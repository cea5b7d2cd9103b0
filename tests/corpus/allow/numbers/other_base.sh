pre_upgrade() {
    echo "$((2#101 + 16#fF))"
}
post_upgrade() {
    return 0
}
