# rule: HG402
pre_upgrade() {
    mysql -h192.0.2.1 -e 'SHOW BACKENDS'
}
post_upgrade() {
    return 0
}
