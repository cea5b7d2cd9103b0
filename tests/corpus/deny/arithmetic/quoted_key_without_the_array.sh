# rule: HG211
other() {
    m['x']=1
}
pre_upgrade() {
    local x=$1
    other
}
post_upgrade() {
    local -A m
}
