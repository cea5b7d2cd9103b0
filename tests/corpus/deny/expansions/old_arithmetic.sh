# rule: HG213
pre_upgrade() {
    echo $[1+1]
}
post_upgrade() {
    return 0
}
