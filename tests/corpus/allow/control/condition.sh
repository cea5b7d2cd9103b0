pre_upgrade() {
    [[ -n $SR_NAMESPACE && $SR_NAMESPACE != default* ]] && echo x
}
post_upgrade() {
    return 0
}
