# rule: HG105
[[ -n x ]]
pre_upgrade() { :; }
post_upgrade() { :; }

