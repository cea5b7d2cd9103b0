# rule: HG104
pre_upgrade() {
echo $'a\0b'
}
post_upgrade() {
    return 0
}
