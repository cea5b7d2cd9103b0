pre_upgrade() {
timeout -k 5 30 mysql -h"$SR_FE_HOST" -P"$SR_FE_PORT" -u"$SR_FE_USER" -e 'SELECT 1'
}
post_upgrade() {
    return 0
}
