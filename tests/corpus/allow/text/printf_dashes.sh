pre_upgrade() {
    printf -- '-----\n'
    printf -- '--- %s ---\n' "$SR_CLUSTER_NAME"
}
post_upgrade() {
    return 0
}
