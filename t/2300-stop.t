#!/bin/sh
# A stop of a supervisor that a shell started.
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2034 # for what is sourced
PREFIX=

launch() {
	exec "$@"
}

find_sqsherd() {
	SQSHERD=$LAUNCHED
}

. t/stop.sh
