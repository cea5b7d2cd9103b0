# rule: HG501
pre_upgrade() {
    local k="AKIA""IOSFODNN7EXAMPLE"
    echo "$k"
}
post_upgrade() {
    return 0
}
