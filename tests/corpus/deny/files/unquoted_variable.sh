# rule: HG303
pre_upgrade() {
    local text=$1
    echo $text
}
post_upgrade() {
    return 0
}
