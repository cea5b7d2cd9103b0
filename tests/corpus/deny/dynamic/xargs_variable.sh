# rule: HG203
pre_upgrade() {
    echo x | xargs $1
}
post_upgrade() {
    return 0
}
