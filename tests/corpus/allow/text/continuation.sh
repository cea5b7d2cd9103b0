pre_upgrade() {
echo one \
  two
}
post_upgrade() {
    return 0
}
