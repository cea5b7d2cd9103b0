pre_upgrade() {
mysql -h "$SR_FE_HOST" -P "$SR_FE_PORT" -u "$SR_FE_USER" -e 'SHOW BACKENDS'
}
post_upgrade() {
    return 0
}
