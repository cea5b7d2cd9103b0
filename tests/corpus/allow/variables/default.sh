pre_upgrade() {
    echo "${1:-none}" "${x:=y}" "${SR_NAMESPACE:?missing}" "${1:+set}"
}
post_upgrade() {
    return 0
}
