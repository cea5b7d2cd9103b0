# rule: HG213
pre_upgrade() {
    echo $"hello"
}
post_upgrade() {
    return 0
}
