pre_upgrade() {
    local text="$1"
    text+=", and more"
    local other="$text"
    echo "$other"
}
post_upgrade() {
    return 0
}
