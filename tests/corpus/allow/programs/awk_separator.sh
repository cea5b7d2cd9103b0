pre_upgrade() {
    echo a,b | awk -F, '{print $1}'
}
post_upgrade() {
    return 0
}
