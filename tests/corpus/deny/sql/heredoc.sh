# rule: HG401
pre_upgrade() {
$MYSQL_CMD <<EOF
SELECT $1
EOF
}
post_upgrade() {
    return 0
}
