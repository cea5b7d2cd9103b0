# rule: HG211
pre_upgrade() {
    echo $(( $(awk 'BEGIN { NR = "a[0]"; print NR }') ))
}
post_upgrade() {
    return 0
}
