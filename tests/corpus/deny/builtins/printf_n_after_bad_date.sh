# rule: HG206
pre_upgrade() {
    printf '%(a%n)X' PATH
}
post_upgrade() {
    return 0
}
