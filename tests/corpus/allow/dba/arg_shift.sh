show() {
    while [ $# -gt 0 ]; do
        echo "$1"
        shift
    done
}
pre_upgrade() {
    show a b c
}
post_upgrade() {
    show
}
