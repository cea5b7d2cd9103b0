#!/bin/bash
# Prepares StarRocks for the restart of its nodes, and returns it to normal work afterwards.
# The operator provides SR_FE_HOST, SR_FE_PORT and SR_FE_USER.
set -euo pipefail

MYSQL_CMD="mysql -h$SR_FE_HOST -P$SR_FE_PORT -u$SR_FE_USER"
readonly TIMEOUT_SECONDS=300
readonly POLL_SECONDS=5

log() {
    echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $1: $2"
}

# Tablets must not move while nodes come and go.
stop_scheduling() {
    $MYSQL_CMD -e 'ADMIN SET FRONTEND CONFIG ("tablet_sched_max_scheduling_tablets" = "0")' || return 1
    $MYSQL_CMD -e 'ADMIN SET FRONTEND CONFIG ("tablet_sched_max_balancing_tablets" = "0")' || return 1
    $MYSQL_CMD -e 'ADMIN SET FRONTEND CONFIG ("tablet_sched_disable_balance" = "true")' || return 1
    log INFO "scheduling and balancing are off"
}

start_scheduling() {
    $MYSQL_CMD <<'SQL'
ADMIN SET FRONTEND CONFIG ("tablet_sched_disable_balance" = "false");
ADMIN SET FRONTEND CONFIG ("tablet_sched_max_balancing_tablets" = "500");
ADMIN SET FRONTEND CONFIG ("tablet_sched_max_scheduling_tablets" = "10000");
SQL
    log INFO "scheduling and balancing are on"
}

unhealthy_tablets() {
    $MYSQL_CMD -N -e "SHOW PROC '/statistic'" | awk '$1 == "Total" { print $8 + 0 }'
}

# Waits until no tablet is unhealthy, at most TIMEOUT_SECONDS.
wait_for_tablets() {
    local deadline=$((SECONDS + TIMEOUT_SECONDS))
    local bad
    while (( SECONDS < deadline )); do
        bad=$(unhealthy_tablets) || return 1
        if [[ ! $bad =~ ^[0-9]+$ ]]; then
            log WARN "no answer from the FE, trying again"
        elif [ "$bad" -eq 0 ]; then
            log INFO "all tablets are healthy"
            return 0
        else
            log INFO "$bad unhealthy tablets, waiting"
        fi
        sleep "$POLL_SECONDS"
    done
    log ERROR "tablets are still unhealthy after $TIMEOUT_SECONDS s"
    return 1
}

check_backends() {
    local dead
    dead=$($MYSQL_CMD -N -e 'SHOW BACKENDS' | awk -F '\t' '$9 != "true" { n++ } END { print n + 0 }') || return 1
    case "$dead" in
        0) log INFO "all backends are alive" ;;
        *) log ERROR "$dead backends are not alive"; return 1 ;;
    esac
}

# Followers that do not answer would miss the image.
check_frontends() {
    local count
    count=$($MYSQL_CMD -N -e 'SHOW FRONTENDS' | grep -c 'true') || return 1
    if [ "$count" -lt 1 ]; then
        log ERROR "no frontend is alive"
        return 1
    fi
    log INFO "$count frontends are alive"
}

pre_upgrade() {
    log INFO "before the upgrade"
    check_frontends || return 1
    check_backends || return 1
    wait_for_tablets || return 1
    stop_scheduling || return 1
    $MYSQL_CMD -e 'ALTER SYSTEM CREATE IMAGE' || return 1
    for table in orders customers events; do
        log INFO "table $table is left as it is"
    done
    log INFO "ready"
}

post_upgrade() {
    log INFO "after the upgrade"
    start_scheduling || return 1
    wait_for_tablets || return 1
    log INFO "done"
}
