parse() {
    local opt
    while getopts "vn:" opt; do
        case "$opt" in
            v) echo verbose ;;
            n) echo "name $OPTARG" ;;
            *) return 1 ;;
        esac
    done
}
pre_upgrade() {
    parse -v -n x
}
post_upgrade() {
    parse
}
