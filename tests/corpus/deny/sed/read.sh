# rule: HG209
pre_upgrade() {
echo a | sed 'r /etc/passwd'
}
post_upgrade() {
    return 0
}
