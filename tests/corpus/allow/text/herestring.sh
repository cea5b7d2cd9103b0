pre_upgrade() {
cat <<< "hello $SR_NAMESPACE"
}
post_upgrade() {
    return 0
}
