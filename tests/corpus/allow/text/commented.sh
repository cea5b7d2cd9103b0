pre_upgrade() {
: # curl http://x
}
post_upgrade() {
    return 0
}
