# rule: HG211
pre_upgrade() {
    n=a; echo $(( n ))
}
post_upgrade() {
    return 0
}
