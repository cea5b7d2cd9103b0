pre_upgrade() {
    $MYSQL_CMD -NBe "SHOW BACKENDS" > /tmp/backends.txt || return 1
    wc -l < /tmp/backends.txt
    grep -v "^#" /tmp/backends.txt | sort -u | head -n 5
    local n
    n=$(wc -l < /tmp/backends.txt)
    echo "$((n)) backends"
}
post_upgrade() {
    return 0
}
