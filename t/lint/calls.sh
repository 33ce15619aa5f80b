#!/bin/sh
# What the object files say of one another; BUILD names where they are.
#
#  - Files call one another in one direction: no circle.
#  - A function that no other file calls is static.  Unit programs, fuzz
#    harnesses and benchmarks count as other files.
#
# Prints what breaks a rule, and exits 1.  nm(1) sees each reference that the
# linker has to resolve, so a function whose address is taken counts as called;
# what a header defines inline belongs to the file that includes the header.
set -eu
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# symbols DIRECTORY...: lines "FILE TYPE NAME", a file without ".o".  An object
# whose source is gone says nothing.
symbols() {
	for object in $(cd "$build" && find "$@" -name '*.o'); do
		[ ! -f "${object%.o}.c" ] || echo "$object"
	done | (cd "$build" && xargs nm -A --format=posix) |
		sed 's|^\(.*\)\.o: \([^ ]*\) \([^ ]*\).*|\1 \3 \2|'
}

if [ ! -d "$build/t/unit" ]; then
	echo "$0: nothing is built in $build: make tests" >&2
	exit 1
fi
symbols common child supervisor tools t/helper >"$scratch/product"
symbols t/unit t/fuzz t/bench >"$scratch/tests"

# Of main() there are many, and nobody calls it.
awk '$2 ~ /[TDBRVW]/ && $3 != "main" { print $3, $1 }' "$scratch/product" |
	sort >"$scratch/defined"
awk '$2 == "U" { print $3, $1 }' "$scratch/product" "$scratch/tests" |
	sort >"$scratch/used"

bad=0

# A line is "CALLER CALLEE".
awk '$2 == "U" { print $3, $1 }' "$scratch/product" | sort |
	join - "$scratch/defined" | awk '{ print $2, $3 }' |
	sort -u >"$scratch/calls"
if ! tsort <"$scratch/calls" >/dev/null 2>"$scratch/circles"; then
	sed 's|^tsort: -: .*|files call one another in a circle:|
		s|^tsort: |  |' "$scratch/circles" >&2
	bad=1
fi

if join -v1 "$scratch/defined" "$scratch/used" | grep -v ' t/' \
	>"$scratch/alone"; then
	sed 's|^\([^ ]*\) \(.*\)|\2.c: \1 could be static|' \
		"$scratch/alone" >&2
	bad=1
fi
exit $bad
