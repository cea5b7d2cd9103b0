# rule: HG207
pre_upgrade() {
    echo a | sort --compress-program=gzip
}
post_upgrade() {
    return 0
}
