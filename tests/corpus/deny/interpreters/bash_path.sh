# rule: HG205
pre_upgrade() {
/bin/bash -c x
}
post_upgrade() {
    return 0
}
