pre_upgrade() {
    echo a | tr -d ' \n'
}
post_upgrade() {
    return 0
}
