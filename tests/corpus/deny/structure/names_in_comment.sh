# rule: HG101
# pre_upgrade() { :; }
# post_upgrade() { :; }
