pre_upgrade() {
    local -a keys=(one two three)
    local key
    for key in "${keys[@]}"; do
        printf "%-20s %s\n" "$key" "${#key}"
    done
}
post_upgrade() {
    return 0
}
