# rule: HG202
pre_upgrade() {
    /usr/bin/mysql -e 'SHOW BACKENDS'
}
post_upgrade() {
    return 0
}
