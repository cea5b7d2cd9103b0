# rule: HG501
pre_upgrade() {
cat <<'EOF' > /tmp/x
-----BEGIN RSA PRIVATE KEY-----
EOF
}
post_upgrade() {
    return 0
}
