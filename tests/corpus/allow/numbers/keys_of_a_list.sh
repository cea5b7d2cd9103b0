pre_upgrade() {
    local -a lines
    mapfile -t lines < /tmp/lines
    local i
    for ((i = 0; i < ${#lines[@]}; i++)); do echo "$((i + 1)): ${lines[$i]}"; done
    for i in "${!lines[@]}"; do echo "$((i + 1)): ${lines[$i]}"; done
}
post_upgrade() {
    return 0
}
