# rule: HG213
pre_upgrade() {
    x=1; echo "${x@A}"
}
post_upgrade() {
    return 0
}
