# rule: HG211
pre_upgrade() {
    local n=$1 status='1 2'
    [[ $n =~ ^[0-9]+$ ]] || return $status
    echo $(( n ))
}
post_upgrade() {
    return 0
}
