pre_upgrade() {
mysql -h"$SR_FE_HOST" -P"$SR_FE_PORT" -u"$SR_FE_USER" -NBe 'SELECT 1'
}
post_upgrade() {
    return 0
}
