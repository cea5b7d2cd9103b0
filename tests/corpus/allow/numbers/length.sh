pre_upgrade() {
    local s=abc
    local n=${#s}
    echo $(( n ))
}
post_upgrade() {
    return 0
}
