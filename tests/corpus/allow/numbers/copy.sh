pre_upgrade() {
    local a=5
    local b=$a
    echo $(( b + 1 ))
}
post_upgrade() {
    return 0
}
