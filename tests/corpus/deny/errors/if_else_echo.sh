# rule: HG601
pre_upgrade() {
    if ! $MYSQL_CMD -e 'ALTER SYSTEM CREATE IMAGE'; then
        echo failed
    fi
    echo done
}
post_upgrade() {
    return 0
}
