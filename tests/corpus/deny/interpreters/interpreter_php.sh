# rule: HG205
pre_upgrade() {
php -c x
}
post_upgrade() {
    return 0
}
