# rule: HG211
pre_upgrade() {
    s=abc; n="$1"; echo "${s:0:n}"
}
post_upgrade() {
    return 0
}
