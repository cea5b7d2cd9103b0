pre_upgrade() {
    local s=abc
    echo "${s:0:2}" "${s:1}" "${s: -1}"
}
post_upgrade() {
    return 0
}
