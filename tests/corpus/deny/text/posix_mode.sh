# rule: HG104
pre_upgrade() {
set -o posix
}
post_upgrade() {
    return 0
}
