# rule: HG303
pre_upgrade() {
    local -a list=("$@")
    echo ${list[@]}
}
post_upgrade() {
    return 0
}
