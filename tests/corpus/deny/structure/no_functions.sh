# rule: HG101
readonly A=1
