# rule: HG405
pre_upgrade() {
while read -r x; do $MYSQL_CMD; done < /tmp/x
}
post_upgrade() {
    return 0
}
