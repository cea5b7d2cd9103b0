# rule: HG106
pre_upgrade() { :; }
post_upgrade() { :; }
echo() { :; }
