# rule: HG101
pre_upgrade() { :; }
