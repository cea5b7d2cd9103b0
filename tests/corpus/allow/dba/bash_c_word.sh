pre_upgrade() {
    local sh=1 bash_version="$BASH_VERSION" python=none
    echo "$sh $bash_version $python"
}
post_upgrade() {
    return 0
}
