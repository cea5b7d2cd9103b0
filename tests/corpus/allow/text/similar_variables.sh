pre_upgrade() {
curl_timeout=5; kubectl_used=no; echo "$curl_timeout $kubectl_used"
}
post_upgrade() {
    return 0
}
