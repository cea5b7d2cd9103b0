# rule: HG501
pre_upgrade() {
    local x='wJalrXUtnFEMI/K7MDEN''G/bPxRfiCYEXAMPLEKEY'
    echo "$x"
}
post_upgrade() {
    return 0
}
