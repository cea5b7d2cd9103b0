# rule: HG104
pre_upgrade() {
echo ${ echo a; }
}
post_upgrade() {
    return 0
}
