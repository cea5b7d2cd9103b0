pre_upgrade() {
    until true; do
        sleep 1
    done
}
post_upgrade() {
    return 0
}
