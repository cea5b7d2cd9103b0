# rule: HG105
pre_upgrade() { :; }
post_upgrade() { :; }
pre_upgrade
