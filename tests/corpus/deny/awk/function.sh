# rule: HG208
pre_upgrade() {
    awk 'function f() { return 1 } BEGIN { print f() }'
}
post_upgrade() {
    return 0
}
