pre_upgrade() {
    echo a | sed -n '1,3p'
}
post_upgrade() {
    return 0
}
