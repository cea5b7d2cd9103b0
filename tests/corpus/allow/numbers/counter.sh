pre_upgrade() {
    local n=0
    (( n++ ))
    (( n += 2 ))
    echo $(( n * 2 ))
}
post_upgrade() {
    return 0
}
