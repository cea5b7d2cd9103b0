pre_upgrade() {
    local n=$1
    case $n in
        '' | *[!0-9]*)
            echo "not a number"
            return 1
            ;;
    esac
    echo $(( n + 1 ))
}
post_upgrade() {
    return 0
}
