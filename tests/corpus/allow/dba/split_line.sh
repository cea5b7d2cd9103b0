pre_upgrade() {
    local line="a:b:c" first rest
    IFS=: read -r first rest <<< "$line"
    echo "$first and $rest"
}
post_upgrade() {
    return 0
}
