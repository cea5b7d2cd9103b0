readonly WAIT=5
NAME='hook'
readonly -a KEYS=(a b c)
LIST=(x y)
pre_upgrade() { :; }
post_upgrade() { :; }

