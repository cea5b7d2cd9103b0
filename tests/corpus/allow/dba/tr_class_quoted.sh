pre_upgrade() {
    echo " a b " | tr -d "[:space:]"
    echo abc | grep -o "[a-z]" | wc -l
    expr length abc
}
post_upgrade() {
    return 0
}
