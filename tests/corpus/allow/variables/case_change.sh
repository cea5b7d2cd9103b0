pre_upgrade() {
    local v=abc
    echo "${v^^}" "${v,}" "${v@Q}" "${v@U}"
}
post_upgrade() {
    return 0
}
