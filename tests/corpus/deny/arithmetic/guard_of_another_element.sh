# rule: HG211
pre_upgrade() {
    local -a n=("$@")
    [[ $n =~ ^[0-9]+$ ]] || return 1
    (( n[1] > 3 )) && return 1
    return 0
}
post_upgrade() {
    return 0
}
