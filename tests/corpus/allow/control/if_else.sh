pre_upgrade() {
    if true; then
        echo a
    elif false; then
        echo b
    else
        echo c
    fi
}
post_upgrade() {
    return 0
}
