#!/bin/sh
# A stop of a supervisor that a shell started: rows 33 to 50.
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2034 # for what is sourced
ROW=

launch() {
	exec "$@"
}

find_sqsherd() {
	SQSHERD=$LAUNCHED
}

. t/stop-rows.sh
