#!/bin/sh
# A handler that is there, but for which no process can be had, or that fails at
# everything, however many messages and children there are.
. "$(dirname "$0")/lib.sh"
. t/brake.sh
. t/brake-ways.sh

is_broken_exit_127() { fails; }
is_broken_exit_1() { becomes 'exit 1'; }

# The limit of processes of each child, which is that of its user.
limit_children() {
	children >"$row/limited"
	[ -s "$row/limited" ] || bail "$what: no children"
	while read -r _pid; do
		setpriv --reuid="$ROW_USER" --regid="$ROW_USER" --clear-groups \
			prlimit --pid "$_pid" --nproc="$1:" ||
			bail "$what: no limit for $_pid"
	done <"$row/limited"
}
is_broken_fork_refused() { limit_children 0; }
mend_fork_refused() { limit_children 1000; }

start_fake
row exit_127		many	8	1
row exit_127		many	1	10
row exit_127		one	1	1
row exit_127		group	4	10
row exit_1		many	1	1
row exit_1		many	4	10
row exit_1		many	8	1
row exit_1		one	4	1	-o retry_base=0
row exit_1		group	8	1	-o retry_base=0
if [ "$(id -u)" = 0 ] && command -v setpriv prlimit >/dev/null; then
	# Everybody may enter.
	chmod 711 "$SCRATCH"
	ROW_USER=54399
	row fork_refused	many	4	10	-o user=$ROW_USER -o group=$ROW_USER
	row fork_refused	one	8	1	-o user=$ROW_USER -o group=$ROW_USER
	row fork_refused	group	1	1	-o user=$ROW_USER -o group=$ROW_USER
else
	skip "no process can be had" "needs root and prlimit"
fi

# What one message, or the first of a group, says of the handler: nothing, if
# it fails at that.
tells_nothing() {
	[ "$way" = exit_1 ] && [ "$shape" != many ]
}

break_all
see_brake() {
	tells_nothing || check_brake
}
each see_brake
# The only message that can be had is hidden after the first trial.
has_tried_twice() {
	[ "$shape" != many ] ||
		eventually 60 "$what: it is tried again" has_tried 2
}
each has_tried_twice
count() {
	tells_nothing && return
	case $way in
	# Not 20: it has had no success yet.
	exit_1) check_counts $((5 + 2 * children * batch)) ;;
	*) check_counts $((children * batch)) ;;
	esac
}
each count

is_dead() {
	[ "$(dead_letters)" -eq "$1" ]
}
see_dead_letters() {
	tells_nothing || return 0
	case $shape in
	one)
		eventually 60 "$what: it becomes a dead letter" is_dead 1
		is "$(count_logged '"event":"brake_on"')" 0 \
			"$what: a single message never puts the brake on"
		;;
	group)
		check_brake
		is "$(dead_letters)" 4 \
			"$what: the brake is on at the fifth that fails"
		;;
	esac
}
each see_dead_letters

each mend_row
see_mended() {
	if ! tells_nothing; then
		check_mended
	elif [ "$shape" = group ]; then
		eventually 60 "$what: mended, the rest is done" \
			has_done $((n_messages - 4))
		is "$(dead_letters)" 4 "$what: no more are dead letters"
	fi
}
each see_mended
end_all

ok "no process is left" no_survivor
done_testing
