pre_upgrade() {
    local i
    for i in $(seq 1 5); do
        echo $(( i ))
    done
}
post_upgrade() {
    return 0
}
