# rule: HG501
pre_upgrade() {
echo AKIAIOSFODNN7EXAMPLE > /tmp/x
}
post_upgrade() {
    return 0
}
