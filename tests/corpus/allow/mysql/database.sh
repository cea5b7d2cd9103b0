pre_upgrade() {
mysql -h"$SR_FE_HOST" -P"$SR_FE_PORT" -u"$SR_FE_USER" -D sales -e 'SHOW TABLES'
}
post_upgrade() {
    return 0
}
