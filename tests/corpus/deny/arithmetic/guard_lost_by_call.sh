# rule: HG211
helper() {
    read -r n
}
pre_upgrade() {
    read -r n
    [[ $n =~ ^[0-9]+$ ]] || return 1
    helper
    echo $(( n ))
}
post_upgrade() { :; }
