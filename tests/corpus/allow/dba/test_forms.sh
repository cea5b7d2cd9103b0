pre_upgrade() {
    test -n "$1" && echo "arg: $1"
    [ ! -f /tmp/flag ] && : > /tmp/flag
    [[ -s /tmp/flag ]] || echo empty
    [ "$1" != "" ] && [ "$2" = "" ] && echo one
}
post_upgrade() {
    return 0
}
