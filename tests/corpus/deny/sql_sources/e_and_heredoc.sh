# rule: HG405
pre_upgrade() {
$MYSQL_CMD -e 'SHOW BACKENDS' <<'EOF'
SHOW FRONTENDS
EOF
}
post_upgrade() {
    return 0
}
