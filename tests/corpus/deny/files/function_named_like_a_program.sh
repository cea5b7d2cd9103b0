# rule: HG303
host() {
    echo "$1"
}
pre_upgrade() {
    host /etc/*
}
post_upgrade() {
    return 0
}
