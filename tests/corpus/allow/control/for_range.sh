pre_upgrade() {
    for i in {1..3}; do
        echo "$i"
    done
}
post_upgrade() {
    return 0
}
