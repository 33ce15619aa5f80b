#!/bin/sh
# A file of one concept is read in one sitting: no .c of the product has more
# than 500 lines.  Prints those that have, and exits 1.
set -eu
cd "$(dirname "$0")/../.."

find common child supervisor tools -name '*.c' -exec wc -l {} + |
	awk '$2 != "total" && $1 > 500 {
		print $2 ": " $1 " lines: is it one concept?"
		bad = 1
	} END { exit bad }' >&2
