# rule: HG211
pre_upgrade() {
    i="$1"; a[$i]=1
}
post_upgrade() {
    return 0
}
