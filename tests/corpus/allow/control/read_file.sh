pre_upgrade() {
    while IFS= read -r line; do
        echo "$line"
    done < /tmp/list
}
post_upgrade() {
    return 0
}
