pre_upgrade() {
    local i=0
    while (( i < 5 )); do
        ((i++))
        [ $i -eq 3 ] && continue
        echo "round $i"
    done
}
post_upgrade() {
    return 0
}
