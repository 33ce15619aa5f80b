#!/bin/sh
# Every script of tools/ says what it does and refuses what it does not know;
# the demo, interrupted, ends with all that it started and leaves no file.
. "$(dirname "$0")/lib.sh"

for script in tools/*; do
	# The programs have tests of their own; deploy.sh is sourced, and
	# moto_server.py is a part of sqs-server.
	case $script in
	*.[ch1] | *.py | tools/deploy.sh) continue ;;
	esac
	ok "$script has --help" "$script" --help
	like "$(cat "$SCRATCH/out")" "$script|make ${script##*/}" \
		"which names it"
	refuses 64 "$script refuses an option that it does not know" \
		"$script" --nonsense
done

# A first moto is installed from the network; with this there is none.
mkdir -p "$SCRATCH/tmp" "$SCRATCH/bin"
printf '#!/bin/sh\n[ "$1" = -c ]\n' >"$SCRATCH/bin/python3"
chmod +x "$SCRATCH/bin/python3"

processes_of_demo() {
	pgrep -f "$SCRATCH/tmp/sqsherd-demo" || : # none
}
demo_works() {
	grep -q 'deleted' "$SCRATCH/demo.out" && [ -n "$(processes_of_demo)" ]
}
all_gone() {
	[ -z "$(processes_of_demo)" ]
}
for signal in INT TERM; do
	# A shell starts what is in the background with INT ignored.
	TMPDIR="$SCRATCH/tmp" PATH="$SCRATCH/bin:$PATH" \
		env --default-signal=INT tools/demo \
		>"$SCRATCH/demo.out" 2>"$SCRATCH/demo.err" &
	demo=$!
	PIDS="$PIDS $demo"
	eventually 60 "the demo works" demo_works
	signal $signal $demo
	status=0
	wait $demo || status=$?
	is "$status" "$([ $signal = INT ] && echo 130 || echo 143)" \
		"it ends by SIG$signal"
	is_empty "$(find "$SCRATCH/tmp" -mindepth 1)" "it leaves no file"
	eventually 10 "and no process" all_gone
done
done_testing
