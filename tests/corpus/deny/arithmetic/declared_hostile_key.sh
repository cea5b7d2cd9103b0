# rule: HG211
pre_upgrade() {
    local -A m=(['$(id)']=1)
    local k
    for k in "${!m[@]}"; do
        (( m[$k]++ ))
    done
}
post_upgrade() {
    return 0
}
