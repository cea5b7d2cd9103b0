# rule: HG101
readonly A='pre_upgrade() { :; }; post_upgrade() { :; }'
