# rule: HG207
pre_upgrade() {
    date -d 'TZ="/etc/passwd" now'
}
post_upgrade() {
    return 0
}
