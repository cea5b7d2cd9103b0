pre_upgrade() {
    local n=$1
    [[ $n =~ ^[0-9]+$ ]] || { echo "not a number: $n"; return 1; }
    echo $(( n * 2 ))
}
post_upgrade() {
    return 0
}
