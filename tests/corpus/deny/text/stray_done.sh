# rule: HG102
pre_upgrade() {
    done
}
post_upgrade() {
    return 0
}
