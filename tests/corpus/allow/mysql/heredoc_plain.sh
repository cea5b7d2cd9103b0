pre_upgrade() {
$MYSQL_CMD <<EOF
SHOW BACKENDS;
EOF
}
post_upgrade() {
    return 0
}
