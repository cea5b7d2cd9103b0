# rule: HG303
pre_upgrade() {
    echo x > "$1"
}
post_upgrade() {
    return 0
}
