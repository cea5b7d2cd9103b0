# rule: HG211
pre_upgrade() {
    mapfile -t a < /tmp/x; echo $(( a ))
}
post_upgrade() {
    return 0
}
