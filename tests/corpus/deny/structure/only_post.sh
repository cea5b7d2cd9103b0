# rule: HG101
post_upgrade() { :; }
