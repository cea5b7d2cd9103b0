pre_upgrade() {
    echo "3.2.1" | cut -d. -f1-2
    echo "a=b" | sed -n "s/^a=//p"
    echo "x y" | awk "{print \$2}"
}
post_upgrade() {
    return 0
}
