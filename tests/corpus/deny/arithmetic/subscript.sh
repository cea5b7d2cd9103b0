# rule: HG211
pre_upgrade() {
    a=(1 2); i="$1"; echo "${a[$i]}"
}
post_upgrade() {
    return 0
}
