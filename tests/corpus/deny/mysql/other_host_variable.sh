# rule: HG402
pre_upgrade() {
    mysql -h"$1" -e 'SHOW BACKENDS'
}
post_upgrade() {
    return 0
}
