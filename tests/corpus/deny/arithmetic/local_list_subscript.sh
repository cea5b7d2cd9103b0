# rule: HG211
pre_upgrade() {
    local x=$1
    local -a a=([x]=1)
}
post_upgrade() {
    return 0
}
