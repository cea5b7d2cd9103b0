# rule: HG208
pre_upgrade() {
    awk 'BEGIN { "id" | getline x; print x }'
}
post_upgrade() {
    return 0
}
