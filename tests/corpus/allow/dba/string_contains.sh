pre_upgrade() {
    local state="$1"
    if [[ "$state" == *error* || "$state" == *fail* ]]; then
        echo "bad state"
        return 1
    fi
}
post_upgrade() {
    return 0
}
