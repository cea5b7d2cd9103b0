# rule: HG501
pre_upgrade() {
    echo AKIA\IOSFODNN7EXAMPLE > /tmp/x
}
post_upgrade() {
    return 0
}
