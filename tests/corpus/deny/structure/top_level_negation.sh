# rule: HG105
! true
pre_upgrade() { :; }
post_upgrade() { :; }

