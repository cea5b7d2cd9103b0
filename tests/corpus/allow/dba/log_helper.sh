log() {
    local level=$1
    shift
    echo "[$(date -u +%FT%TZ)] [$level] $*" >&2
}
pre_upgrade() {
    log INFO "starting on $SR_FE_HOST"
}
post_upgrade() {
    log INFO "done"
}
