pre_upgrade() {
    local name="Hook"
    echo "${name^^} ${name,,} ${name:0:2} ${#name}"
    echo "$name" | tr "[:lower:]" "[:upper:]"
}
post_upgrade() {
    return 0
}
