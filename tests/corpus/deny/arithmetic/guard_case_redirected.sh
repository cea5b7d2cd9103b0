# rule: HG211
pre_upgrade() {
    local n=$1
    case $n in *[!0-9]*) return 1 ;; esac > /tmp/missing/x
    echo $(( n ))
}
post_upgrade() {
    return 0
}
