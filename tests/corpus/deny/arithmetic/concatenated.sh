# rule: HG211
pre_upgrade() {
    n=1; n+=x; echo $(( n ))
}
post_upgrade() {
    return 0
}
