# rule: HG501
pre_upgrade() {
local k='wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY9zQ1'
}
post_upgrade() {
    return 0
}
