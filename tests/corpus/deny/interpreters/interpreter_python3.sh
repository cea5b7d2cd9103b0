# rule: HG205
pre_upgrade() {
python3 -c x
}
post_upgrade() {
    return 0
}
