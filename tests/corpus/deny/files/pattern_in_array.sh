# rule: HG303
pre_upgrade() {
    local -a list=(/etc/*)
    echo "${#list[@]}"
}
post_upgrade() {
    return 0
}
