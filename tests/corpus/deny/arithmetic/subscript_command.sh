# rule: HG211
pre_upgrade() {
    a[$(date)]=1
}
post_upgrade() {
    return 0
}
