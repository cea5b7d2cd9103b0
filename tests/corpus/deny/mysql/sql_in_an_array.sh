# rule: HG401
pre_upgrade() {
    local -a args=(-e "$1")
    $MYSQL_CMD "${args[@]}"
}
post_upgrade() {
    return 0
}
