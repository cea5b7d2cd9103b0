# rule: HG211
pre_upgrade() {
    echo $(( $(cat /tmp/x) ))
}
post_upgrade() {
    return 0
}
