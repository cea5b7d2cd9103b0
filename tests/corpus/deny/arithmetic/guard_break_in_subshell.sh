# rule: HG211
pre_upgrade() {
    local n=$1
    for i in 1 2; do
        ( [[ $n =~ ^[0-9]+$ ]] || break; echo $(( n )) )
    done
}
post_upgrade() {
    return 0
}
