# rule: HG501
pre_upgrade() {
    local root_pwd='Sup3rS3cret1'
    echo "$root_pwd"
}
post_upgrade() {
    return 0
}
