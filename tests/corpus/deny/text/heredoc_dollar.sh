# rule: HG104
pre_upgrade() {
cat <<$A
$A
}
post_upgrade() {
    return 0
}
