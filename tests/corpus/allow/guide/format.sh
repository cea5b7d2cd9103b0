#!/bin/bash

# Called BEFORE upgrade starts
pre_upgrade() {
    echo "INFO: Pre-upgrade logic here"
    # Your code...
    return 0
}

# Called AFTER upgrade completes
post_upgrade() {
    echo "INFO: Post-upgrade logic here"
    return 0
}
