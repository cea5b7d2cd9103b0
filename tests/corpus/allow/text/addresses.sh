pre_upgrade() {
    local url="http://$SR_FE_HOST:8030/api/v1@x2" second_pass=2 bypass=tablet_sched_v2 old_pwd=logs/2024
    echo "$url $second_pass $bypass $old_pwd: mysql://USER:PASSWORD@HOST:9030"
}
post_upgrade() {
    return 0
}
