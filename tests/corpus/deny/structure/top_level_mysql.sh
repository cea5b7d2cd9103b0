# rule: HG105
mysql -e 'SHOW BACKENDS'
pre_upgrade() { :; }
post_upgrade() { :; }

