pre_upgrade() {
    printf "%s\n" 3 1 2 | sort -n | uniq -c | sort -rn | head -1
}
post_upgrade() {
    return 0
}
