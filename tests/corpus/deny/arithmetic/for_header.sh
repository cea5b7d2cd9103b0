# rule: HG211
pre_upgrade() {
    n="$1"; for (( i = 0; i < n; i++ )); do :; done
}
post_upgrade() {
    return 0
}
