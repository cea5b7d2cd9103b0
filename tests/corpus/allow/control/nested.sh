pre_upgrade() {
    if true; then
        for x in a; do
            case $x in
                a) while true; do break; done ;;
            esac
        done
    fi
}
post_upgrade() {
    return 0
}
