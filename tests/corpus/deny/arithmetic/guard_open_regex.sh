# rule: HG211
pre_upgrade() {
    read -r n; [[ $n =~ [0-9]+ ]] || return 1; echo $(( n ))
}
post_upgrade() {
    return 0
}
