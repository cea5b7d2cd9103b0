pre_upgrade() {
    echo 5 | awk '$1 > 3 && $1 < 9 { n++ } END { exit (n > 0 ? 0 : 1) }'
}
post_upgrade() {
    return 0
}
