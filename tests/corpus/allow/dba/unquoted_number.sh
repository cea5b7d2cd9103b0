pre_upgrade() {
    local count=0
    count=$((count + 1))
    if [ $count -gt 0 ]; then echo $count; fi
    return $?
}
post_upgrade() {
    return 0
}
