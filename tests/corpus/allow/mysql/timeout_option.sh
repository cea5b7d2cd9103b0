pre_upgrade() {
mysql -h"$SR_FE_HOST" -P"$SR_FE_PORT" -u"$SR_FE_USER" --connect-timeout=5 --protocol=TCP -e 'SELECT 1'
}
post_upgrade() {
    return 0
}
