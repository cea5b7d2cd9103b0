# rule: HG303
pre_upgrade() {
    local text='/*'
    trap 'echo $text' EXIT
}
post_upgrade() {
    return 0
}
