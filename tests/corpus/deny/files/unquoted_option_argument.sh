# rule: HG303
pre_upgrade() {
    while getopts 'a:' option; do
        echo $OPTARG
    done
}
post_upgrade() {
    return 0
}
