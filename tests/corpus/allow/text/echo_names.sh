pre_upgrade() {
echo kubectl curl eval 'bash -c' /dev/tcp
}
post_upgrade() {
    return 0
}
