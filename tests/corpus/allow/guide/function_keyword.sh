function pre_upgrade {
    :
}
function post_upgrade() {
    :
}
