# rule: HG207
pre_upgrade() {
    local -a n=(1 2 3)
    head -n "${n[@]}"
}
post_upgrade() {
    return 0
}
