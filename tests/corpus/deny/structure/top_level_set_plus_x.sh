# rule: HG105
set -x
pre_upgrade() { :; }
post_upgrade() { :; }

