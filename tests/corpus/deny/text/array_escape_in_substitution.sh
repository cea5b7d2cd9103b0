# rule: HG104
pre_upgrade() {
    echo $(a=(\`curl\); echo)
}
post_upgrade() {
    return 0
}
