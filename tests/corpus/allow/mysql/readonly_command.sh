readonly MYSQL_CMD="mysql -h$SR_FE_HOST -P$SR_FE_PORT -u$SR_FE_USER"
pre_upgrade() {
    $MYSQL_CMD -NBe 'SHOW BACKENDS'
}
post_upgrade() {
    return 0
}
