set -o errexit -o nounset
set -o pipefail
pre_upgrade() { :; }
post_upgrade() { :; }

