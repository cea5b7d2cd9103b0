pre_upgrade() {
printf '%s: %d%%\n' ssh 5
}
post_upgrade() {
    return 0
}
