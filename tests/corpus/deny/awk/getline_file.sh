# rule: HG208
pre_upgrade() {
    awk 'BEGIN { getline x < "/etc/passwd"; print x }'
}
post_upgrade() {
    return 0
}
