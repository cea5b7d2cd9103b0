pre_upgrade() {
    local version
    version=$($MYSQL_CMD -Ne "SELECT current_version()") || return 1
    if [[ $version =~ ^([0-9]+)\.([0-9]+) ]]; then
        echo "version ${BASH_REMATCH[1]}.${BASH_REMATCH[2]}"
    fi
}
post_upgrade() {
    return 0
}
