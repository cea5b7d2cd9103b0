pre_upgrade() {
    echo "$1" "$@" "$#" "$?" "$0"
}
post_upgrade() {
    return 0
}
