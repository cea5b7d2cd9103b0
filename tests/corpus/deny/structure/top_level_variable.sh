# rule: HG105
HOST=$SR_FE_HOST
pre_upgrade() { :; }
post_upgrade() { :; }

