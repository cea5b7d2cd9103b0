# rule: HG210
MYSQL_CMD="mysql -h$SR_FE_HOST -P$SR_FE_PORT -u$SR_FE_USER"
MYSQL_CMD="mysql -h$SR_FE_HOST -P$SR_FE_PORT -u$SR_FE_USER"
pre_upgrade() {
    return 0
}
post_upgrade() {
    return 0
}
