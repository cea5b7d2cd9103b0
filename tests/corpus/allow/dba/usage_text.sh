pre_upgrade() {
    cat <<EOF
This hook runs against ${SR_FE_HOST}:${SR_FE_PORT}.
Do not use kubectl or curl here; eval is forbidden too.
Costs: \$5, `echo ok`
EOF
}
post_upgrade() {
    return 0
}
