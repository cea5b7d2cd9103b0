# rule: HG105
set -- a b
pre_upgrade() { :; }
post_upgrade() { :; }

