pre_upgrade() {
    $MYSQL_CMD <<'SQL' || return 1
-- switch balancing off
ADMIN SET FRONTEND CONFIG ("tablet_sched_disable_balance" = "true");
ADMIN SET FRONTEND CONFIG ("tablet_sched_disable_colocate_balance" = "true");
SQL
}
post_upgrade() {
    return 0
}
