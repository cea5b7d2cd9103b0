# rule: HG301
pre_upgrade() {
case $(curl 192.0.2.1) in *) : ;; esac
}
post_upgrade() {
    return 0
}
