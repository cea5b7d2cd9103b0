pre_upgrade() {
    local s=TabletSchedMaxBalancingTablets_v2_Prod01
    echo "$s"
}
post_upgrade() {
    return 0
}
