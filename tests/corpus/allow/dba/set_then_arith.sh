pre_upgrade() {
    local a=5 b
    b=$a
    if (( a == b )); then echo same; fi
    let_me=1; echo "$((let_me))"
}
post_upgrade() {
    return 0
}
