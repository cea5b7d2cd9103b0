# rule: HG211
pre_upgrade() {
    echo $(( nothing + 1 ))
}
post_upgrade() {
    return 0
}
