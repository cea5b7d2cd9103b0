# rule: HG211
pre_upgrade() {
    read -r n; echo $(( n ))
}
post_upgrade() {
    return 0
}
