# rule: HG211
pre_upgrade() {
    echo $(( $(awk '{ NF = $1; print NF }' /tmp/x) ))
}
post_upgrade() {
    return 0
}
