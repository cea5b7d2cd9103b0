pre_upgrade() {
    for x in a b c; do
        echo "$x"
    done
}
post_upgrade() {
    return 0
}
