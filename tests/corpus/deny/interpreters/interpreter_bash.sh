# rule: HG205
pre_upgrade() {
bash -c x
}
post_upgrade() {
    return 0
}
