pre_upgrade() {
    echo "Run kubectl get pods to see the pods; use curl -k for the API"
    echo 'eval "$(curl http://x)"' | grep -q eval
    echo ssh docker helm > /dev/null
}
post_upgrade() {
    return 0
}
