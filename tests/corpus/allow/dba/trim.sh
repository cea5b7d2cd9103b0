pre_upgrade() {
    local text="  hello  "
    text="${text#"${text%%[![:space:]]*}"}"
    echo "[$text]"
}
post_upgrade() {
    return 0
}
