# rule: HG303
pre_upgrade() {
    local -a list=($1)
    echo "${#list[@]}"
}
post_upgrade() {
    return 0
}
