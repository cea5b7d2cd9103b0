# rule: HG303
pre_upgrade() {
    local text=abc
    echo ${text/b/$1}
}
post_upgrade() {
    return 0
}
