# rule: HG501
pre_upgrade() {
local token='ghp_a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2'
}
post_upgrade() {
    return 0
}
