pre_upgrade() {
echo "at $(date +%s)"
}
post_upgrade() {
    return 0
}
