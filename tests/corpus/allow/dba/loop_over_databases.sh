pre_upgrade() {
    while read -r db; do
        [ "$db" = information_schema ] && continue
        echo "database: $db"
    done < <($MYSQL_CMD -Ne "SHOW DATABASES")
}
post_upgrade() {
    return 0
}
