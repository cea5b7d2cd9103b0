pre_upgrade() {
    local f=/tmp/a.txt
    echo "${f##*/}" "${f%.txt}" "${f/a/b}" "${f//t/T}"
}
post_upgrade() {
    return 0
}
