# rule: HG213
pre_upgrade() {
    echo x > >(cat)
}
post_upgrade() {
    return 0
}
