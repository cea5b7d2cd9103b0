# rule: HG501
pre_upgrade() {
    local x=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
    echo "$x"
}
post_upgrade() {
    return 0
}
