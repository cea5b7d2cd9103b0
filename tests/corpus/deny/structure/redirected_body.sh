# rule: HG106
pre_upgrade() { :; } > /tmp/log
post_upgrade() { :; }
