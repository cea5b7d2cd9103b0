# rule: HG302
pre_upgrade() {
    echo x > /dev/tcp/$SR_FE_HOST/80
}
post_upgrade() {
    return 0
}
