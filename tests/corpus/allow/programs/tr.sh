pre_upgrade() {
    echo a | tr '[:lower:]' '[:upper:]'
}
post_upgrade() {
    return 0
}
