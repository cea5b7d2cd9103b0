# rule: HG401
pre_upgrade() {
$MYSQL_CMD -e "SELECT '$SR_CLUSTER_NAME'"
}
post_upgrade() {
    return 0
}
