# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'SELECT * FROM files ("path" = "s3://a")' || return 1
}
post_upgrade() {
    return 0
}
