# rule: HG211
change() {
    n=$(cat /tmp/x)
}
pre_upgrade() {
    trap 'change' TERM
    n=$1
    [[ $n =~ ^[0-9]+$ ]] || return 1
    sleep 5
    echo $(( n ))
}
post_upgrade() {
    return 0
}
