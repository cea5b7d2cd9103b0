# rule: HG106
helper=1
pre_upgrade() { :; }
post_upgrade() { :; }
helper() { :; }
