# rule: HG211
pre_upgrade() {
    n=1; echo $(( a$n ))
}
post_upgrade() {
    return 0
}
