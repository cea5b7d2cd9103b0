#!/usr/bin/env bash
set -euo pipefail

readonly RETRIES=5
TIMEOUT_SECONDS=60

pre_upgrade() {
    local i
    for i in $(seq 1 "$RETRIES"); do
        echo "try $i of $RETRIES, at most $TIMEOUT_SECONDS s"
    done
}

post_upgrade() {
    echo "finished after ${SECONDS}s"
}
