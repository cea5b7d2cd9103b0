pre_upgrade() {
cat <<-EOF
	one
	EOF
}
post_upgrade() {
    return 0
}
