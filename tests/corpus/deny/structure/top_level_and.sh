# rule: HG105
true && true
pre_upgrade() { :; }
post_upgrade() { :; }

