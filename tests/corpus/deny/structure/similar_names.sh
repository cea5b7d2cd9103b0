# rule: HG101
pre_upgrades() { :; }
post_upgrade2() { :; }
