pre_upgrade() {
    read -r a _ <<< 'x y z'
    echo "$a"
}
post_upgrade() {
    return 0
}
