pre_upgrade() {
    echo a | awk -v n="$1" '$1 == n { print "found" }'
}
post_upgrade() {
    return 0
}
