set -euo pipefail
readonly OFF=0
pre_upgrade() {
    $MYSQL_CMD -e 'ADMIN SET FRONTEND CONFIG ("tablet_sched_max_scheduling_tablets" = "0")'
    $MYSQL_CMD -e 'ADMIN SET FRONTEND CONFIG ("tablet_sched_max_balancing_tablets" = "0")'
    $MYSQL_CMD -e 'ADMIN SET FRONTEND CONFIG ("disable_balance" = "true")'
    echo "done"
}
post_upgrade() {
    $MYSQL_CMD -e 'ADMIN SET FRONTEND CONFIG ("disable_balance" = "false")' || echo "WARN: not restored"
}
