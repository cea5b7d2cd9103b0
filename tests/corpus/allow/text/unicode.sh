pre_upgrade() {
echo "größer ⚠️ 完了"
}
post_upgrade() {
    return 0
}
