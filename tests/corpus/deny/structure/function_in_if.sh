# rule: HG106
pre_upgrade() { :; }
post_upgrade() { :; }
helper() { if true; then other() { :; }; fi; }
