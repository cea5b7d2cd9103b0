pre_upgrade() {
echo $'tab\there'
}
post_upgrade() {
    return 0
}
