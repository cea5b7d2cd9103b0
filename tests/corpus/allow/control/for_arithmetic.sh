pre_upgrade() {
    for (( i = 0; i < 3; i++ )); do
        echo "$i"
    done
}
post_upgrade() {
    return 0
}
