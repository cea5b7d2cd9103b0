# rule: HG106
pre_upgrade() {
    inner() { :; }
    inner
}
post_upgrade() { :; }
