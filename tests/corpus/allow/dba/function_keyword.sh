function notify {
    echo "notify: $1"
}
function pre_upgrade() {
    notify "before"
}
function post_upgrade() {
    notify "after"
}
