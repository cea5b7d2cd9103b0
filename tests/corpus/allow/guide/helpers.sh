log() {
    echo "[$(date -u '+%H:%M:%S')] $*"
}
pre_upgrade() {
    log "before"
}
post_upgrade() {
    log "after"
}
