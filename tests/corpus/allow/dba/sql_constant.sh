readonly OFF='ADMIN SET FRONTEND CONFIG ("tablet_sched_disable_balance" = "true")'
readonly ON='ADMIN SET FRONTEND CONFIG ("tablet_sched_disable_balance" = "false")'
pre_upgrade() {
    mysql -h"$SR_FE_HOST" -P"$SR_FE_PORT" -u"$SR_FE_USER" -e "$OFF" || exit 1
}
post_upgrade() {
    mysql -h"$SR_FE_HOST" -P"$SR_FE_PORT" -u"$SR_FE_USER" -e "$ON"
}
