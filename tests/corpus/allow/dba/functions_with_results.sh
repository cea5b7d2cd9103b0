is_master() {
    [ "$1" = "$SR_FE_HOST" ]
}
pre_upgrade() {
    if is_master fe-0; then echo master; else echo follower; fi
}
post_upgrade() {
    is_master fe-1 || echo "not master"
}
