# rule: HG301
pre_upgrade() {
nice -n 19 curl 192.0.2.1
}
post_upgrade() {
    return 0
}
