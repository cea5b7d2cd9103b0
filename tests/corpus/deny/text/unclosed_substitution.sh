# rule: HG102
pre_upgrade() {
    echo $(date
}
post_upgrade() {
    return 0
}
