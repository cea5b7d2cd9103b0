# rule: HG402
pre_upgrade() {
    mysql -h"$SR_FE_HOST" -P"$SR_FE_PORT" -u"$SR_FE_USER" --pager=sh -e 'SHOW BACKENDS'
}
post_upgrade() {
    return 0
}
