# rule: HG211
pre_upgrade() {
    read -r n; [[ $n -ge 0 ]] || return 1; echo ok
}
post_upgrade() {
    return 0
}
