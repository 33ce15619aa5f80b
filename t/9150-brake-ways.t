#!/bin/sh
# A handler that cannot be started, whatever is wrong with it, however many
# messages and children there are.
. "$(dirname "$0")/lib.sh"
. t/brake.sh
. t/brake-ways.sh

is_broken_removed() { rm "$handler"; }
is_broken_not_executable() { chmod -x "$handler"; }
replace() {
	chmod +x "$row/new"
	mv "$row/new" "$handler"
}
is_broken_no_interpreter() {
	printf '#!/nowhere/sh\n' >"$row/new"
	replace
}
is_broken_carriage_return() {
	printf '#!/bin/sh\r\nexit 0\r\n' >"$row/new"
	replace
}
# An ELF header of a machine that this one is not.
is_broken_other_machine() {
	printf '\177ELF\002\001\001\0\0\0\0\0\0\0\0\0\002\0\0\377' >"$row/new"
	head -c 200 /dev/zero >>"$row/new"
	replace
}

start_fake
row removed		many	8	1
row removed		one	1	1
row removed		group	4	10
row not_executable	many	4	10
row not_executable	one	8	1
row not_executable	group	1	1
row no_interpreter	many	1	1
row no_interpreter	one	4	1
row no_interpreter	group	8	10
row carriage_return	many	4	1
row carriage_return	one	1	10
row carriage_return	group	8	1
row other_machine	many	8	10
row other_machine	one	4	1
row other_machine	group	1	10

break_all
each check_brake
# The only message that can be had is hidden after the first trial.
has_tried_twice() {
	[ "$shape" != many ] ||
		eventually 60 "$what: it is tried again" has_tried 2
}
each has_tried_twice
each eval 'check_counts $((children * batch))'
each mend_row
each check_mended
end_all

ok "no process is left" no_survivor
done_testing
