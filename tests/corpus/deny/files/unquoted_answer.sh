# rule: HG303
pre_upgrade() {
    local name
    for name in $($MYSQL_CMD -Ne 'SELECT name FROM db.t'); do
        echo "$name"
    done
}
post_upgrade() {
    return 0
}
