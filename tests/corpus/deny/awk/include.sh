# rule: HG208
pre_upgrade() {
    awk '@include "x"; { print }'
}
post_upgrade() {
    return 0
}
