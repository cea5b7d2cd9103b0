# rule: HG402
pre_upgrade() {
    mysql -S /tmp/x -e 'SHOW BACKENDS'
}
post_upgrade() {
    return 0
}
