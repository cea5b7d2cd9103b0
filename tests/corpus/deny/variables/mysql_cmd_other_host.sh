# rule: HG210
MYSQL_CMD="mysql -h192.0.2.1 -P$SR_FE_PORT -u$SR_FE_USER"
pre_upgrade() { :; }
post_upgrade() { :; }

