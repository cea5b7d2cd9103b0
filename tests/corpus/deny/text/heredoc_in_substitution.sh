# rule: HG104
pre_upgrade() {
echo $(cat <<EOF)
EOF
}
post_upgrade() {
    return 0
}
