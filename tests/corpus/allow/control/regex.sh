pre_upgrade() {
    [[ $SR_NAMESPACE =~ ^(prod|stage)-[a-z]+$ ]] && echo x
}
post_upgrade() {
    return 0
}
