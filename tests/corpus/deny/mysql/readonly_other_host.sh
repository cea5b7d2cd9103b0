# rule: HG210
readonly MYSQL_CMD="mysql -hexample.org -P$SR_FE_PORT -u$SR_FE_USER"
pre_upgrade() {
    return 0
}
post_upgrade() {
    return 0
}
