# rule: HG106
A=1; pre_upgrade() { :; }
post_upgrade() { :; }
