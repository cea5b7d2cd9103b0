pre_upgrade() {
    local name=db
    echo "${name}_old" {1..3} file-{a,b}
    for i in {1..5}; do echo "$i"; done
}
post_upgrade() {
    return 0
}
