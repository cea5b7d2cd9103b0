pre_upgrade() {
    echo a | grep --count --invert-match b
}
post_upgrade() {
    return 0
}
