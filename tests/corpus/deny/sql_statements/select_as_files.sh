# rule: HG403
pre_upgrade() {
    $MYSQL_CMD -e 'SELECT * FROM x JOIN y AS files("path"="s3://x")'
}
post_upgrade() {
    return 0
}
