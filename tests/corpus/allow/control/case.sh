pre_upgrade() {
    case "$SR_NAMESPACE" in
        prod*) echo p ;;
        *) echo o ;;
    esac
}
post_upgrade() {
    return 0
}
