pre_upgrade() {
    echo "${#SR_NAMESPACE}"
}
post_upgrade() {
    return 0
}
