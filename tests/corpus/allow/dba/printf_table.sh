pre_upgrade() {
    printf "%-10s|%10s\n" name value
    printf '%s\n' "--------------------"
    printf "%s: %d%%\n" done 100
}
post_upgrade() {
    return 0
}
