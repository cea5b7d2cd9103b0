pre_upgrade() {
    $MYSQL_CMD -e 'ADMIN SET FRONTEND CONFIG ("tablet_sched_repair_delay_factor_second" = "60")' || return 1
}
post_upgrade() {
    return 0
}
