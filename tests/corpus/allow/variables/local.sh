pre_upgrade() {
    local a b=1 c="$SR_NAMESPACE"
    echo "$a$b$c"
}
post_upgrade() {
    return 0
}
