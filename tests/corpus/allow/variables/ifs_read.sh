pre_upgrade() {
    IFS=, read -r a b <<< 'x,y'
    echo "$a $b"
}
post_upgrade() {
    return 0
}
