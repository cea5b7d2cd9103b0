pre_upgrade() {
    : "${RETRIES:=3}"
    echo "$RETRIES"
}
post_upgrade() {
    return 0
}
