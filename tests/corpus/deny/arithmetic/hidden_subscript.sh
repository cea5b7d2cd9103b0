# rule: HG211
pre_upgrade() {
    n='a[$(date)]'; (( n ))
}
post_upgrade() {
    return 0
}
