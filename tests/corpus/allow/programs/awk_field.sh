pre_upgrade() {
    echo 'a b' | awk '{print $2}'
}
post_upgrade() {
    return 0
}
