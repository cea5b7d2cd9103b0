# rule: HG401
pre_upgrade() {
t=x; $MYSQL_CMD -e 'SELECT * FROM '"$t"
}
post_upgrade() {
    return 0
}
