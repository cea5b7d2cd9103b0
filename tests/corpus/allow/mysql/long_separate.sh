pre_upgrade() {
mysql --host "$SR_FE_HOST" --port "$SR_FE_PORT" --user "$SR_FE_USER" --batch -e 'SHOW BACKENDS'
}
post_upgrade() {
    return 0
}
