# rule: HG210
pre_upgrade() {
    MYSQL_CMD='mysql -hx'
}
post_upgrade() {
    return 0
}
