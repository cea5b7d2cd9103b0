pre_upgrade() {
    trap 'echo "pre_upgrade ends"' EXIT
    local alive
    alive=$(cat /tmp/alive)
    if [[ ! $alive =~ ^[0-9]+$ ]]; then
        return 1
    fi
    (( alive < 3 )) && return 1
    return 0
}
post_upgrade() {
    return 0
}
