# rule: HG501
pre_upgrade() {
local t=glpat-aB3aB3aB3aB3aB3aB3aB3aB3
}
post_upgrade() {
    return 0
}
