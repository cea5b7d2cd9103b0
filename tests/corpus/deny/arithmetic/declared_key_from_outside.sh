# rule: HG211
pre_upgrade() {
    local -A m=([$1]=1)
}
post_upgrade() {
    return 0
}
