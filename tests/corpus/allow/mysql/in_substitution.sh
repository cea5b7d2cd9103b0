pre_upgrade() {
local out
out=$($MYSQL_CMD -Ne 'SELECT current_version()') || return 1
echo "$out"
}
post_upgrade() {
    return 0
}
