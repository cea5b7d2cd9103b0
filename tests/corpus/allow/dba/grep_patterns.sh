pre_upgrade() {
    $MYSQL_CMD -e "SHOW FRONTENDS" | grep -E "LEADER|FOLLOWER" | grep -vw OBSERVER | cut -f 1,2 | sort -k 2 -t "|"
}
post_upgrade() {
    return 0
}
