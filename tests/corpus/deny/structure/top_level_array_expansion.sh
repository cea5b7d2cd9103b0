# rule: HG105
A=($(date))
pre_upgrade() { :; }
post_upgrade() { :; }

