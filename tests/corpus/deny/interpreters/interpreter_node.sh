# rule: HG205
pre_upgrade() {
node -c x
}
post_upgrade() {
    return 0
}
