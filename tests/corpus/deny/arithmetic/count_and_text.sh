# rule: HG211
pre_upgrade() {
    local n
    n=$(grep -c a /tmp/a && echo "$1")
    (( n > 1 ))
}
post_upgrade() {
    return 0
}
