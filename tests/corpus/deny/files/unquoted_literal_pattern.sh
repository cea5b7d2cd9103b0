# rule: HG303
pre_upgrade() {
    local text='/*'
    echo $text
}
post_upgrade() {
    return 0
}
