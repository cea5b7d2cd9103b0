# rule: HG211
pre_upgrade() {
    local n=$1
    ! [[ ! $n =~ ^[0-9]+$ ]] && return 1
    echo $(( n ))
}
post_upgrade() {
    return 0
}
