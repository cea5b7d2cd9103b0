pre_upgrade() {
    $MYSQL_CMD -NBe "SHOW BACKENDS" | sed -e "s/[[:space:]]\{1,\}/ /g" -e "/^$/d" | tr -s " " | cut -d" " -f2
}
post_upgrade() {
    return 0
}
