# rule: HG301
pre_upgrade() {
cat <<EOF
$(curl 192.0.2.1)
EOF
}
post_upgrade() {
    return 0
}
