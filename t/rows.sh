# shellcheck shell=sh
# Sourced after t/lib.sh by the tests of rows in which children of "jobs" die.
#
#	polling N		N children poll
#	busy_child		the pid of the one that works
#	same_children		those in $SCRATCH/siblings are still there

polling() {
	within 20 fake "/_wait?name=jobs&cond=polling&value=$1&ms=500" ||
		fail "$1 children poll" "they do not"
}

busy_child() {
	pgrep -P "$SQSHERD" -f '^sqsherd: jobs/[0-9]+ \[busy'
}

same_children() {
	while read -r _sibling; do
		children | grep -qx "$_sibling" || return 1
	done <"$SCRATCH/siblings"
}
