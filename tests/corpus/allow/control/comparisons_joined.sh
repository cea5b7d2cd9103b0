pre_upgrade() {
    local n="$1" state="$2"
    if [ "$n" -gt 0 -a "$n" -le 10 ]; then echo "a few"; fi
    if [ "$state" = NORMAL -o "$state" = "" -o "$n" -eq 0 ]; then return 0; fi
    test "$state" != UNHEALTHY -a "$n" -lt 100
}
post_upgrade() {
    return 0
}
