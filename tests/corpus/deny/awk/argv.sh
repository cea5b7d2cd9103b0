# rule: HG208
pre_upgrade() {
    awk 'BEGIN { ARGV[1] = "/etc/passwd"; ARGC = 2 } { print }'
}
post_upgrade() {
    return 0
}
