# rule: HG303
pre_upgrade() {
    head -n 1 /proc/self/environ
}
post_upgrade() {
    return 0
}
