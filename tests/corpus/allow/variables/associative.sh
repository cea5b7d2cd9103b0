pre_upgrade() {
    local -A seen
    seen[one]=1
    seen["two"]=2
    echo "${seen[one]}" "${!seen[@]}"
}
post_upgrade() {
    return 0
}
