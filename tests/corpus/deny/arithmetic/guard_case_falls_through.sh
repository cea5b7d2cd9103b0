# rule: HG211
pre_upgrade() {
    local n=$1
    case $n in *[!0-9]*) return 1 ;& *) echo ;; esac
    case $n in x) ;; *[!0-9]*) return 1 ;; esac
    echo $(( n ))
}
post_upgrade() {
    return 0
}
