# rule: HG105
return 0
pre_upgrade() { :; }
post_upgrade() { :; }

