pre_upgrade() {
    for x in a b; do
        [ "$x" = a ] && continue
        break
    done
}
post_upgrade() {
    return 0
}
