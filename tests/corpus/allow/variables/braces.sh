pre_upgrade() {
    echo {a,b}{1,2}
}
post_upgrade() {
    return 0
}
