# rule: HG106
pre_upgrade() { :; }
post_upgrade() { :; }
pre_upgrade() { return 1; }
