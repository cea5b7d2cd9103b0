# rule: HG211
pre_upgrade() {
    local n=$1 m
    [[ $n =~ ^[0-9]+$ ]] || return 1
    n=$2 m=$(( n ))
}
post_upgrade() {
    return 0
}
