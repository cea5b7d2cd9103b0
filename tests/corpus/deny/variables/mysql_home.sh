# rule: HG210
pre_upgrade() {
    MYSQL_HOME=/tmp
}
post_upgrade() {
    return 0
}
