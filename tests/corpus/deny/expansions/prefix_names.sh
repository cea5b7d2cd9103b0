# rule: HG213
pre_upgrade() {
    echo "${!SR_*}"
}
post_upgrade() {
    return 0
}
