# rule: HG208
pre_upgrade() {
    awk '/[[:alpha:]/"]/ { system("id") } /"/'
}
post_upgrade() {
    return 0
}
