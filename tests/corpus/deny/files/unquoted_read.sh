# rule: HG303
pre_upgrade() {
    local line
    read -r line < /tmp/x
    echo $line
}
post_upgrade() {
    return 0
}
