# rule: HG208
pre_upgrade() {
    echo a | awk 'BEGIN { x = 1system("id") }'
}
post_upgrade() {
    return 0
}
