# rule: HG211
pre_upgrade() {
    local -A m=("$@")
    local k
    for k in "${!m[@]}"; do
        (( m[$k] ))
    done
}
post_upgrade() {
    return 0
}
