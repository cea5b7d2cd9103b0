# rule: HG205
pre_upgrade() {
zsh -c x
}
post_upgrade() {
    return 0
}
