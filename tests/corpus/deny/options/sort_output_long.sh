# rule: HG207
pre_upgrade() {
    echo a | sort --output=/tmp/x
}
post_upgrade() {
    return 0
}
