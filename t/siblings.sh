# shellcheck shell=sh
# Sourced after t/lib.sh by tests in which children of "jobs" die.
#
#	polling N		N children poll
#	same_children		those in $SCRATCH/siblings are still there

polling() {
	within 20 fake "/_wait?name=jobs&cond=polling&value=$1&ms=500" ||
		fail "$1 children poll" "they do not"
}

same_children() {
	while read -r _sibling; do
		children | grep -qx "$_sibling" || return 1
	done <"$SCRATCH/siblings"
}
