# rule: HG210
MYSQL_CMD="mysql --pager=sh -h$SR_FE_HOST -P$SR_FE_PORT -u$SR_FE_USER"
pre_upgrade() { :; }
post_upgrade() { :; }

