# rule: HG211
pre_upgrade() {
    read -r n; [[ $n =~ ^[0-9]+$ ]] || echo bad; echo $(( n ))
}
post_upgrade() {
    return 0
}
