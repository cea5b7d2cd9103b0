# rule: HG105
echo hi
pre_upgrade() { :; }
post_upgrade() { :; }

