pre_upgrade() {
    local n
    while read -r n; do
        [[ $n =~ ^[0-9]+$ ]] || continue
        echo $(( n + 1 ))
    done < /tmp/numbers
}
post_upgrade() {
    return 0
}
