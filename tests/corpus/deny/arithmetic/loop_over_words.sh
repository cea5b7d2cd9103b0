# rule: HG211
pre_upgrade() {
    for n in a b; do (( n )); done
}
post_upgrade() {
    return 0
}
