# rule: HG207
pre_upgrade() {
    echo a | grep -P x
}
post_upgrade() {
    return 0
}
