# rule: HG303
pre_upgrade() {
    echo $BASH_COMMAND ' /* '
}
post_upgrade() {
    return 0
}
