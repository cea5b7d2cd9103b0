# rule: HG211
pre_upgrade() {
    local n=$1
    [[ $n =~ ^[0-9]+$ ]] || { echo no; return 1; } > /tmp/missing/x
    echo $(( n ))
}
post_upgrade() {
    return 0
}
