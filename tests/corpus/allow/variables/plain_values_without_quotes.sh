pre_upgrade() {
    local name=fe-1 count=3 list='a b c'
    echo $name $count ${name%-1} ${count} $# $?
    for name in $list; do
        echo "$name"
    done
    for i in $(seq 1 3); do
        sleep $i
    done
    echo $(date +%F) ${#list} $((count + 1))
    echo host $SR_FE_HOST $HOSTNAME $RANDOM
}
post_upgrade() {
    return 0
}
