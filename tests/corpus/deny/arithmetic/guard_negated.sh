# rule: HG211
pre_upgrade() {
    read -r n; if ! [[ $n =~ ^[0-9]+$ ]]; then echo $(( n )); fi
}
post_upgrade() {
    return 0
}
