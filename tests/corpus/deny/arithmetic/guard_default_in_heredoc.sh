# rule: HG211
pre_upgrade() {
    local n=$1
    [[ $n =~ ^[0-9]*$ ]] || return 1
    cat <<E; echo $(( n ))
${n:=$2}
E
}
post_upgrade() {
    return 0
}
