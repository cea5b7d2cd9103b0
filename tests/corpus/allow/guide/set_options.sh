#!/usr/bin/env bash
set -euo pipefail
pre_upgrade() { :; }
post_upgrade() { :; }

