pre_upgrade() {
    local table
    while read -r table; do
        echo "table: $table"
    done < <($MYSQL_CMD -Ne 'SHOW TABLES FROM sales')
}
post_upgrade() { :; }
