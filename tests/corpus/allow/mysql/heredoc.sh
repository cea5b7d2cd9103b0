pre_upgrade() {
$MYSQL_CMD <<'EOF'
SHOW BACKENDS;
SHOW FRONTENDS;
EOF
}
post_upgrade() {
    return 0
}
