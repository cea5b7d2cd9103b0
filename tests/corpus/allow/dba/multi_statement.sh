pre_upgrade() {
    $MYSQL_CMD -e "
        ADMIN SET FRONTEND CONFIG (\"tablet_sched_max_balancing_tablets\" = \"0\");
        ADMIN SET FRONTEND CONFIG (\"tablet_sched_max_scheduling_tablets\" = \"0\");
    " || return 1
}
post_upgrade() {
    return 0
}
