# rule: HG501
pre_upgrade() {
    local db_pass='Sup3rS3cret1'
    echo "$db_pass"
}
post_upgrade() {
    return 0
}
