pre_upgrade() {
$MYSQL_CMD -e '
  SELECT count(*)
  FROM information_schema.tables
'
}
post_upgrade() {
    return 0
}
