# rule: HG211
pre_upgrade() {
    n=1; echo $(( ${n:-x} ))
}
post_upgrade() {
    return 0
}
