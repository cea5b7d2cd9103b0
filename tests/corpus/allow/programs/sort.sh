pre_upgrade() {
    echo b | sort -rn -k 2,2 -t, | uniq -c
}
post_upgrade() {
    return 0
}
