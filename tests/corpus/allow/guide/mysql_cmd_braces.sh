MYSQL_CMD="mysql -h ${SR_FE_HOST} -P ${SR_FE_PORT} -u ${SR_FE_USER} -N"
pre_upgrade() { :; }
post_upgrade() { :; }

