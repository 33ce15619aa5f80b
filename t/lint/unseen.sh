#!/bin/sh
# t/lib.sh turns on set -e, so a command that fails ends its test.  This finds
# what would hide a failure from that, in the files given (t/*.t t/*.sh).
# Prints each place, and exits 1.
set -eu
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- t/*.t t/*.sh

bad=0
for file in "$@"; do
	case $file in
	*.t)
		grep -q '^\. "$(dirname "$0")/lib\.sh"$' "$file" || {
			echo "$file: does not source t/lib.sh" >&2
			bad=1
		}
		;;
	esac
done

# Here-documents are other programs.  What follows a ! is printed: that is true
# as well if there is no such command.
negated=$(awk '
FNR == 1 { end = ""; before = "" }
end != "" { if ($1 == end && NF == 1) end = ""; next }
function found(why) {
	printf "%s:%d: %s: %s\n", FILENAME, FNR, why, $0 >"/dev/stderr"
	bad = 1
}
{
	line = $0
	sub(/^[ \t]+/, "", line)
	# A reason is at the end of the line or in front of it.
	reason = line ~ /#/ || before ~ /^#/
	before = line
}
line ~ /^#/ { next }
match(line, /<<-?[ \t]*["\047]?[A-Z][A-Z0-9]*["\047]?/) {
	end = substr(line, RSTART, RLENGTH)
	gsub(/[<" \t\047-]/, "", end)
}
line ~ /(^|[;&|({] *)set \+e/ && FILENAME != "t/lib.sh" {
	found("set +e hides every failure")
}
line ~ /^([^ ()"]*\) )?kill / && line !~ /\|\|/ && FILENAME != "t/lib.sh" {
	found("signal and signal_each see whom they reach")
}
line ~ /\|\| *true/ { found("what may fail is written || :") }
line ~ /\|\| : *(#|;|$)/ && !reason { found("why may it fail?") }
line ~ /(^|[ \t])is "?\$\?/ { found("status_of keeps a status that is not 0") }
line ~ /^trap .* EXIT/ && FILENAME != "t/lib.sh" {
	found("at_exit undoes things, the trap is t/lib.sh\047s")
}
line ~ /^(local|export|readonly) [A-Za-z_]+="?\$\(/ {
	found("hides the status of what is in $()")
}
line ~ /^(ok|eventually [0-9]+) "[^"]*" (true|:)$/ { found("cannot fail") }
line ~ /(sh -c.*|^)"! *grep/ {
	found("also true without the file: lacks, not_logged")
}
line ~ /^(send|fault|signal|signal_each|start_[a-z]+|stop_sqsherd|wait_sqsherd|new_queue) [^|$]*[^|$]\|[^|]/ {
	found("a pipe hides the status of what is left of it")
}
match(line, /^((if|while|until) |.*(&&|\|\|) )?! [a-z_]+/) {
	name = substr(line, 1, RLENGTH)
	sub(/.* /, "", name)
	print name
}
END { exit bad }' "$@") || bad=1
for name in $(printf '%s\n' "$negated" | sort -u); do
	command -v "$name" >/dev/null || grep -q "^$name() {" t/*.sh "$@" || {
		echo "! $name: there is no such command" >&2
		bad=1
	}
done
exit $bad
