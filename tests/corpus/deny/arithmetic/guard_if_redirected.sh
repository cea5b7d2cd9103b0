# rule: HG211
pre_upgrade() {
    local n=$1
    if ! [[ $n =~ ^[0-9]+$ ]]; then
        return 1
    fi > /tmp/missing/x
    echo $(( n ))
}
post_upgrade() {
    return 0
}
