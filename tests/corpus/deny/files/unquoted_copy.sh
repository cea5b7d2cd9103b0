# rule: HG303
pre_upgrade() {
    local text='/*' other
    other=$text
    echo $other
}
post_upgrade() {
    return 0
}
