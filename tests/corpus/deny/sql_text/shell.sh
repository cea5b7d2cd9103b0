# rule: HG404
pre_upgrade() {
    $MYSQL_CMD -e '\! id' || return 1
}
post_upgrade() {
    return 0
}
