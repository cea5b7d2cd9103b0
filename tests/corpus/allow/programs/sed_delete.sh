pre_upgrade() {
    echo a | sed -e '/^#/d' -e 's/ *$//'
}
post_upgrade() {
    return 0
}
