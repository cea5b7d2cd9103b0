# rule: HG211
pre_upgrade() {
    n=$(wc -l /tmp/x); echo $(( n ))
}
post_upgrade() {
    return 0
}
