# rule: HG104
pre_upgrade() {
echo $'\xff'
}
post_upgrade() {
    return 0
}
