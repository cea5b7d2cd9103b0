# rule: HG213
pre_upgrade() {
    a=(1); echo "${!a[@]:-x}"
}
post_upgrade() {
    return 0
}
