pre_upgrade() {
local args=(-N -B)
$MYSQL_CMD "${args[@]}" -e 'SELECT 1'
}
post_upgrade() {
    return 0
}
