pre_upgrade() {
    while read -r a b; do
        echo "$a"
    done < <(echo x y)
}
post_upgrade() {
    return 0
}
