# rule: HG205
pre_upgrade() {
bash <<'EOF'
id
EOF
}
post_upgrade() {
    return 0
}
