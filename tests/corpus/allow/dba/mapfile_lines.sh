pre_upgrade() {
    local -a lines
    mapfile -t lines < <($MYSQL_CMD -Ne "SHOW BACKENDS")
    echo "${#lines[@]} backends"
    local line
    for line in "${lines[@]}"; do
        echo "backend: ${line%% *}"
    done
}
post_upgrade() {
    return 0
}
