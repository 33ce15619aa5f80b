# shellcheck shell=sh
# Sourced after t/lib.sh: a handler that breaks, in one way after the other, and
# heals.  Whoever does makes $SCRATCH/handler, and calls keep_handler then.
#
#	break_handler N		in the Nth way
#	mend_handler
#	check_brake		at the end: it did what it is for, in
#				$SCRATCH/log*

keep_handler() {
	cp -p "$SCRATCH/handler" "$SCRATCH/handler.good"
	broken=0
}

# In one step, for whoever is starting it: half a script is one that works.  The
# shell of the one before may read the new one, so no way ends well as a script.
replace_handler() {
	chmod +x "$SCRATCH/handler.new"
	mv "$SCRATCH/handler.new" "$SCRATCH/handler"
}

break_handler() {
	broken=1
	case $(($1 % 4)) in
	0)
		rm -f "$SCRATCH/handler"
		return
		;;
	1) printf '#!/bin/sh\nexit 1\n' ;;
	2) printf '#!/bin/sh\nexit 127\n' ;;
	3) printf '#!/nowhere/sh\nexit 1\n' ;;
	esac >"$SCRATCH/handler.new"
	replace_handler
}

mend_handler() {
	[ "$broken" -eq 1 ] || return 0
	cp "$SCRATCH/handler.good" "$SCRATCH/handler.new"
	replace_handler
	broken=0
}

check_brake() {
	_on=$(cat "$SCRATCH"/log* | grep -c '"event":"brake_on"' || :) # 0 are no match
	_off=$(cat "$SCRATCH"/log* | grep -c '"event":"brake_released"' || :) # 0 are no match
	ok "the brake went on ($_on) and was released ($_off)" \
		test "$_on" -gt 0 -a "$_off" -gt 0
}
