# rule: HG303
pre_upgrade() {
    local name
    for name in /etc/*; do
        echo "$name"
    done
}
post_upgrade() {
    return 0
}
