# rule: HG211
pre_upgrade() {
    echo $(( SR_FE_PORT + 1 ))
}
post_upgrade() {
    return 0
}
