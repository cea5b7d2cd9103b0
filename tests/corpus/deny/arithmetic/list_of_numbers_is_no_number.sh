# rule: HG211
pre_upgrade() {
    local n
    n=$(seq 1 3)
    echo $(( n ))
}
post_upgrade() {
    return 0
}
