# rule: HG205
pre_upgrade() {
lua -c x
}
post_upgrade() {
    return 0
}
