# rule: HG106
pre_upgrade() if true; then :; fi
post_upgrade() { :; }
