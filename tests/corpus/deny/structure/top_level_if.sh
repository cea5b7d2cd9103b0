# rule: HG105
if true; then :; fi
pre_upgrade() { :; }
post_upgrade() { :; }

