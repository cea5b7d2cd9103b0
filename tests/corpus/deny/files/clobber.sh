# rule: HG303
pre_upgrade() {
    echo x >| /x
}
post_upgrade() {
    return 0
}
