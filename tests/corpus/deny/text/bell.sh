# rule: HG103
pre_upgrade() {
    echo 
}
post_upgrade() {
    return 0
}
