pre_upgrade() {
    local -a args=(-N -e 'SHOW BACKENDS')
    $MYSQL_CMD "${args[@]}"
}
post_upgrade() {
    return 0
}
