pre_upgrade() {
cat <<EOF
host $SR_FE_HOST
EOF
}
post_upgrade() {
    return 0
}
