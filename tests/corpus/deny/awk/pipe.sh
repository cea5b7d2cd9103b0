# rule: HG208
pre_upgrade() {
    echo a | awk '{ print | "sh" }'
}
post_upgrade() {
    return 0
}
