#!/bin/sh
# Every row of the list of what a supervisor must withstand has a test whose
# name begins with "row N: ".  Its numbers have gaps; it is kept with the
# design.  Row 66, a new log file on SIGUSR1, does not apply: the log is
# standard error, and there is no log file of ours that could be opened anew.
. "$(dirname "$0")/lib.sh"
nothing_of_build

rows="1-9 11-13 15 16 18-21 24-30 32-40 42-44 46 48 50-56 59-63 65 67-78"

# Names of tests are quoted; what follows # or is in a comment of C is none, and
# neither is the reason of a skip.
named() {
	cat t/*.t t/*.sh t/unit/*.c |
		sed -e '/^[[:space:]]*#/d' -e '/^[[:space:]]*\/\*/d' \
			-e '/^[[:space:]]*\*/d' -e '/skip_all/d' |
		grep -o '"[^"]*row [0-9][0-9]*: ' | sed 's/.*row \([0-9]*\): $/\1/' |
		sort -nu
}
named >"$SCRATCH/named"

for range in $rows; do
	row=${range%-*}
	while [ "$row" -le "${range#*-}" ]; do
		ok "row $row has a test that names it" \
			grep -qx "$row" "$SCRATCH/named"
		row=$((row + 1))
	done
done
done_testing
