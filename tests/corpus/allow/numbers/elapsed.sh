pre_upgrade() {
    local t=$SECONDS
    echo $(( SECONDS - t ))
}
post_upgrade() {
    return 0
}
