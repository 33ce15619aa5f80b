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

# symbols DIRECTORY...: lines "FILE TYPE NAME", a file without ".o".
symbols() {
	find "$@" -name '*.o' -exec nm -A --format=posix {} + |
		sed "s|^$build/\(.*\)\.o: \([^ ]*\) \([^ ]*\).*|\1 \3 \2|"
}

cd "$build"
build=.
set -- common child supervisor tools
for dir in "$@"; do
	[ -d "$dir" ] || { echo "$0: nothing is built in $PWD" >&2; exit 1; }
done
symbols ./common ./child ./supervisor ./tools ./t/helper >"$scratch/product"
symbols ./t/unit ./t/fuzz ./t/bench >"$scratch/tests"

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
