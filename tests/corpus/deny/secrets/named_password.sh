# rule: HG501
pre_upgrade() {
    local db_password='h8Jk2#kd9Lq0'
    echo "$db_password" > /tmp/x
}
post_upgrade() {
    return 0
}
