#!/bin/bash
# The preStop hook: ends the server and returns at once. Takes -g (graceful), as StarRocks' script does.
while getopts "g" option; do
    case "$option" in
        g) ;;
        *) echo "usage: $0 [-g]" >&2; exit 2 ;;
    esac
done
# PID 1 is the server, unless the pod shares its process namespace: so look for it by name.
found=1
for directory in "${STANDIN_PROC:-/proc}"/[0-9]*; do
    mapfile -d '' -t arguments 2>/dev/null <"$directory/cmdline" || continue
    if [[ "${arguments[0]##*/}" == standin && "${arguments[1]:-}" == fe ]]; then
        kill -TERM "${directory##*/}" && found=0
    fi
done
if ((found != 0)); then
    echo "no fe is running" >&2
fi
exit "$found"
