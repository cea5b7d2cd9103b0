pre_upgrade() {
    local n="$1"
    if [[ $n =~ ^[0-9]+$ ]]; then
        echo $(( n + 1 ))
    fi
}
post_upgrade() {
    return 0
}
