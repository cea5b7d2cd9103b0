# rule: HG303
pre_upgrade() {
    echo /etc/*
}
post_upgrade() {
    return 0
}
