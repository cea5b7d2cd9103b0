# rule: HG208
pre_upgrade() {
    awk 'BEGIN { TEXTDOMAIN = "../../etc"; print _"x" }'
}
post_upgrade() {
    return 0
}
