pre_upgrade() {
    echo a | grep -civ b
}
post_upgrade() {
    return 0
}
