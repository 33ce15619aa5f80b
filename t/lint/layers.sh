#!/bin/sh
# Folders are layers: a file may include headers of its own folder, and of the
# folders named before its own in the list below.  Prints each include that
# reaches up, and exits 1.
#
# What the supervisor may see of child/ is a header for each process that it
# forks: what the process is given, and what it says by ending.
# common/base/banned.h is included by everybody.
set -eu
cd "$(dirname "$0")/../.."

layers='common/base common/ipc common/http common/settings
common/credentials common/aws child/child.h child/releaser.h child/message child/handler
child/receive child/reporter child supervisor/start supervisor/slots
supervisor/report supervisor/control supervisor tools'

# layer PATH: its place in the list, from 1; nothing if it has none.
layer() {
	n=0
	for l in $layers; do
		n=$((n + 1))
		if [ "$1" = "$l" ] || [ "${1%/*}" = "$l" ]; then
			echo $n
			return
		fi
	done
}

# may_include FILE HEADER
may_include() {
	case $1:$2 in
	tools/*:tools/*) return 0 ;;
	# Siblings, and other programs' rooms, are not below.
	tools/*:child/* | tools/*:supervisor/*) return 1 ;;
	supervisor/*:child/child.h | supervisor/*:child/releaser.h | \
		supervisor/*:child/reporter/reporter.h) return 0 ;;
	supervisor/*:child/*) return 1 ;;
	child/receive/*:child/handler/*) return 1 ;;
	child/reporter/*:child/reporter/*) return 0 ;;
	child/reporter/*:child/*) return 1 ;;
	esac
	[ "$(layer "$2")" -le "$(layer "$1")" ]
}

bad=0
for file in $(find common child supervisor tools -name '*.[ch]' | sort); do
	if [ -z "$(layer "$file")" ]; then
		echo "$file: its folder has no place in t/lint/layers.sh" >&2
		bad=1
		continue
	fi
	# shellcheck disable=SC2013 # names without blanks
	for header in $(sed -n 's|^#include "\([^"]*\)".*|\1|p' "$file"); do
		if [ ! -f "$header" ] || ! may_include "$file" "$header"; then
			echo "$file: must not include $header" >&2
			bad=1
		fi
	done
done
exit $bad
