pre_upgrade() {
    local n=$1 m=$2
    if [[ ! $n =~ ^[0-9]+$ ]]; then
        return 1
    fi
    [[ ! $m =~ ^[0-9]+$ ]] && return 1
    echo $(( n + m ))
}
post_upgrade() {
    return 0
}
