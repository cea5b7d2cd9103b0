pre_upgrade() {
    $MYSQL_CMD -NBe "SELECT table_schema, COUNT(DISTINCT(table_name)), COALESCE(SUM(IF(table_rows > 0, 1, 0)), 0),
            date_format(max(update_time), '%Y-%m-%d'), row_number() OVER (ORDER BY count(*) DESC)
        FROM information_schema.tables
        WHERE table_schema NOT IN ('sys', 'information_schema') AND (table_type = 'BASE TABLE' OR EXISTS (SELECT 1))
        GROUP BY table_schema HAVING (count(*) > 1)"
}
post_upgrade() {
    return 0
}
