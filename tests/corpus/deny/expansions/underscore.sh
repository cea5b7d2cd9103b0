# rule: HG213
pre_upgrade() {
    echo "$_"
}
post_upgrade() {
    return 0
}
