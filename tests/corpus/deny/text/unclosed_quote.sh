# rule: HG102
pre_upgrade() {
    echo 'a
}
post_upgrade() {
    return 0
}
