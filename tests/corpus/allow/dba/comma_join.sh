join() {
    local IFS=,
    echo "$*"
}
pre_upgrade() {
    join a b c
}
post_upgrade() {
    echo done
}
