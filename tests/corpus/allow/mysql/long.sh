pre_upgrade() {
mysql --host="$SR_FE_HOST" --port="$SR_FE_PORT" --user="$SR_FE_USER" --execute='SHOW BACKENDS'
}
post_upgrade() {
    return 0
}
