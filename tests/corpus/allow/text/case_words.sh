pre_upgrade() {
case "$1" in
curl|wget) echo no ;;
*) echo yes ;;
esac
}
post_upgrade() {
    return 0
}
