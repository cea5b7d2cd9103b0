#!/bin/bash
# Started by the operator as the container's command, with the FE Service as its argument.
exec standin cn "$@"
