# rule: HG301
pre_upgrade() {
$'\x63\x75rl' 192.0.2.1
}
post_upgrade() {
    return 0
}
