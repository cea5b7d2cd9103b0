pre_upgrade() {
    (
        set_name=x
        echo "$set_name"
    )
    ( exit 3 ) || echo "status $?"
}
post_upgrade() {
    return 0
}
