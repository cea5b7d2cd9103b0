pre_upgrade() {
    mysql -h "${SR_FE_HOST}" \
        -P "${SR_FE_PORT}" \
        -u "${SR_FE_USER}" \
        -N -B \
        -e "SHOW FRONTENDS" \
        | grep -c true
}
post_upgrade() {
    return 0
}
