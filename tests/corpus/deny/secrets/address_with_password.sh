# rule: HG501
pre_upgrade() {
    echo 'mysql://root:Sup3rS3cret@host' > /tmp/x
}
post_upgrade() {
    return 0
}
