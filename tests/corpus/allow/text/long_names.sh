pre_upgrade() {
echo TabletSchedMaxSchedulingTablets2000 UnhealthyTabletNum
}
post_upgrade() {
    return 0
}
