# rule: HG211
pre_upgrade() {
    read -r n; read -r m; [[ $m =~ ^[0-9]+$ ]] || return 1; echo $(( n ))
}
post_upgrade() {
    return 0
}
