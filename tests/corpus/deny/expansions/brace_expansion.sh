# rule: HG213
pre_upgrade() {
    x=1; echo {$x,b}
}
post_upgrade() {
    return 0
}
