# rule: HG402
pre_upgrade() {
    mysql -h"x$SR_FE_HOST" -e 'SHOW BACKENDS'
}
post_upgrade() {
    return 0
}
