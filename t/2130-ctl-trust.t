#!/bin/sh
# Whom sqsherdctl believes, how long it waits, and what a terminal is spared.
# As root, and where this can be had, in a /run and a /dev/shm of its own.
if [ "$(id -u)" = 0 ] && [ -z "${ALONE-}" ] && unshare --mount true; then
	exec env ALONE=1 unshare --mount sh "$0"
fi
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
sleep "$(cat)"
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs
# What other users run and write has to be within their reach.
chmod 755 "$SCRATCH"
cp "$BUILD/sqsherd" "$BUILD/sqsherdctl" "$BUILD/t/rawctl" "$SCRATCH/"
install -d -m 1777 "$SCRATCH/open"

as() {
	_uid=$1
	shift
	setpriv --reuid="$_uid" --regid="$_uid" --clear-groups "$@"
}
# supervisor SOCKET HOW TEXT [UID]: one that is none, and says this.
supervisor() {
	rm -f "$1"
	printf '%s\n' "$3" >"$SCRATCH/text"
	: >"$SCRATCH/asked"
	if [ $# -eq 4 ]; then
		setpriv --reuid="$4" --regid="$4" --clear-groups \
			"$SCRATCH/rawctl" "$1" "$2" <"$SCRATCH/text" \
			>"$SCRATCH/asked" &
	else
		"$SCRATCH/rawctl" "$1" "$2" <"$SCRATCH/text" \
			>"$SCRATCH/asked" &
	fi
	RAW=$!
	PIDS="$PIDS $RAW"
	within 10 test -S "$1" || bail "no supervisor that is none"
}
dismiss() {
	terminate "$RAW"
}
well='{"ok":true,"msg":"healthy: jobs 1/1 ready"}'

# -- who answers without end
SOCKET=$SQSHERD_CONTROL_SOCKET
supervisor "$SOCKET" dribble '{"ok":'
for command in health status metrics drain watch; do
	{
		status_of timeout 40 "$BUILD/sqsherdctl" $command >/dev/null \
			2>"$SCRATCH/err-$command"
		echo "$STATUS $(cat "$SCRATCH/err-$command")"
	} >"$SCRATCH/slow-$command" &
	eval "slow_$command=\$!"
done
for command in health status metrics drain watch; do
	eval "wait \$slow_$command"
	is "$(cat "$SCRATCH/slow-$command")" \
		"1 sqsherdctl: no answer: the supervisor is too slow" \
		"$command gives up one that answers byte by byte, for ever"
done
dismiss
supervisor "$SOCKET" pour ''
refuses 1 "one that answers more than there is to say is given up" ctl health
like "$(cat "$SCRATCH/err")" 'no answer: Message too long' "which is said"
dismiss

# -- what is shown of it
# What the last command printed that moves a terminal.
evil_of() {
	LC_ALL=C grep -P '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae' \
		"$SCRATCH/$1"
}
evil='\u001b[2Jcleared\r\u009b31m\u202egnp.'
shown='\u001b[2Jcleared\r\u009b31m\u202egnp.'
supervisor "$SOCKET" answer "{\"ok\":true,\"msg\":\"$evil\"}"
ok "an escape sequence in an answer" ctl health
is "$(cat "$SCRATCH/out")" "$shown" "is shown, not obeyed"
ok "in that of other commands, too" ctl drain
is "$(cat "$SCRATCH/out")" "$shown" "likewise"
dismiss
supervisor "$SOCKET" answer "{\"ok\":false,\"msg\":\"$evil\",\"\u001b[31m\":1}"
refuses 1 "in a refusal" ctl pause jobs
is "$(cat "$SCRATCH/err")" "sqsherdctl: $shown" "likewise"
refuses 1 "instead of a table" ctl status
is_empty "$(evil_of err)" "likewise"
refuses 1 "instead of metrics" ctl metrics
is "$(cat "$SCRATCH/err")" "sqsherdctl: $shown" "likewise"
ok "as JSON" ctl status --json
is "$(cat "$SCRATCH/out")" \
	"{\"ok\":false,\"msg\":\"$evil\",\"\u001b[31m\":1}" \
	"it stays as it was escaped"
dismiss
supervisor "$SOCKET" answer "$(printf '{"ok":true,"msg":"\302\2332J","status":{"health":"\033[2J"}}\n')"
refuses 1 "JSON that is none is not printed" ctl status --json
is_empty "$(cat "$SCRATCH/out")$(evil_of err)" \
	"nor is what it holds in the complaint"
dismiss
supervisor "$SOCKET" answer "$(printf '{"ok":true,"msg":"\302\2332J\177"}\n')"
ok "JSON that is not as careful as it could be" ctl status --json
is "$(cat "$SCRATCH/out")" '{"ok":true,"msg":"\u009b2J\u007f"}' \
	"is escaped, and says the same"
dismiss
slot='"slot":"jobs\u001b[1m/0","state":"ready\u001b","last_error":"\u009b2J"'
supervisor "$SOCKET" answer "{\"ok\":true,\"status\":{\"health\":\"$evil\",
\"queues\":[{\"name\":\"$evil\",\"trouble_ms\":1,\"trouble_reason\":\"$evil\",
\"slots\":[{$slot}]}]}}"
ok "a table" ctl status
is "$(grep -c cleared "$SCRATCH/out")$(evil_of out)" 3 "has nothing of the kind"
dismiss
supervisor "$SOCKET" answer "$(printf '# \033[2J\302\233\n# EOF\n')"
ok "metrics" ctl metrics
is "$(cat "$SCRATCH/out")" '# \u001b[2J\u009b
# EOF' "are lines of plain text"
dismiss

# -- whom another user believes
if [ "$(id -u)" != 0 ] || ! command -v setpriv >/dev/null; then
	skip "who is believed" "needs root and setpriv"
	done_testing
fi
supervisor "$SCRATCH/open/other.sock" answer "$well" 65533
refuses 1 "a user asks no supervisor of another, be it by name" as 65532 \
	"$SCRATCH/sqsherdctl" -s "$SCRATCH/open/other.sock" health
like "$(cat "$SCRATCH/err")" 'other.sock is not believed: user 65533 answers' \
	"and says whose it is"
is_empty "$(cat "$SCRATCH/asked")" "of which it hears nothing"
ok "its own user does" as 65533 \
	"$SCRATCH/sqsherdctl" -s "$SCRATCH/open/other.sock" health
ok "and root, who named it" ctl -s "$SCRATCH/open/other.sock" health
dismiss
if [ -z "${ALONE-}" ] || ! mount -t tmpfs -o mode=755 tmpfs /run ||
	! mount -t tmpfs -o mode=1777 tmpfs /dev/shm; then
	skip "whom root believes" "needs a /run of its own"
	done_testing
fi
unset SQSHERD_CONTROL_SOCKET XDG_RUNTIME_DIR RUNTIME_DIRECTORY

# -- whom root believes in /dev/shm
SHM=/dev/shm/sqsherd-0
as 65533 mkdir -m 755 "$SHM"
supervisor "$SHM/control.sock" answer "$well" 65533
refuses 1 "root believes nobody in another's directory" ctl health
like "$(cat "$SCRATCH/err")" \
	"$SHM/control.sock is not believed: the directory is user 65533's" \
	"and says why"
refuses 1 "nor is it told to drain" ctl drain
is_empty "$(cat "$SCRATCH/asked")" "it hears nothing of this"
echo >/run/sqsherd # so that there is no such directory to be had
start_sqsherd -j 1 -o wait_time=1 -- "$SCRATCH/handler"
eventually 10 "a supervisor of root puts no socket there" logged \
	"\"event\":\"control_failed\".*\"error\":\"$SHM: belongs to another user"
eventually 10 "and works without" logged '"event":"child_started"'
stop_sqsherd
dismiss
rm -r "$SHM"
mkdir "$SCRATCH/own"
as 65533 ln -s "$SCRATCH/own" "$SHM"
supervisor "$SCRATCH/own/control.sock" answer "$well"
refuses 1 "root follows nobody's link to a socket of its own" ctl drain
like "$(cat "$SCRATCH/err")" "another user's symbolic link" "and says why"
is_empty "$(cat "$SCRATCH/asked")" "that socket hears nothing"
dismiss
rm "$SHM"
install -d -m 1777 "$SHM"
supervisor "$SHM/control.sock" answer "$well" 65533
refuses 1 "root believes nobody where others can write" ctl health
like "$(cat "$SCRATCH/err")" 'can be written by others' "and says why"
chmod 755 "$SHM"
refuses 1 "nor another's socket in its own directory" ctl health
like "$(cat "$SCRATCH/err")" "another user than the directory's owner" \
	"and says why"
dismiss
rm -r "$SHM"
start_sqsherd -j 1 -o wait_time=1 -- "$SCRATCH/handler"
eventually 10 "a supervisor of root that is there itself is believed" ctl health
stop_sqsherd
as 65533 mkdir -m 700 /dev/shm/sqsherd-65533
supervisor /dev/shm/sqsherd-65533/control.sock answer "$well" 65533
refuses 1 "root asks no other user's by itself" ctl health
like "$(cat "$SCRATCH/err")" \
	'-s /dev/shm/sqsherd-65533/control.sock would ask that of user 65533$' \
	"but says how it could"
dismiss
rm -r /dev/shm/*

# -- whom root believes in /run
rm /run/sqsherd
install -d -m 700 -o 65533 -g 65533 /run/given
new_log
RUNTIME_DIRECTORY=/run/given as 65533 "$SCRATCH/sqsherd" -q "$QUEUE" -j 1 \
	-o log_format=json -o wait_time=1 -- "$SCRATCH/handler" 2>>"$SCRATCH/log" &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
eventually 10 "a unit's dynamic user has a socket" \
	test -S /run/given/control.sock
# As systemd has it, which lets only the unit itself look into private.
mkdir -m 700 /run/private
mv /run/given /run/private/sqsherd
ln -s private/sqsherd /run/sqsherd
eventually 10 "there it is believed" ctl health
ok "though both ways lead there" env RUNTIME_DIRECTORY=/run/sqsherd \
	"$BUILD/sqsherdctl" health
chmod 777 /run/private
refuses 1 "not if others could put another directory there" ctl health
chmod 700 /run/private
chmod 770 /run/private/sqsherd
refuses 1 "nor if its group could put another socket there" ctl health
chmod 700 /run/private/sqsherd
ok "else it is" ctl stop
wait_sqsherd
is "$STATUS" 0 "and obeys"
supervisor /run/private/sqsherd/control.sock answer "$well"
chown 65533 /run/private/sqsherd
refuses 1 "who answers must be the owner of the directory" ctl health
dismiss
rm -r /run/sqsherd /run/private
install -d -m 1777 /run/open
as 65533 mkdir -m 700 /run/open/sqsherd
supervisor /run/open/sqsherd/control.sock answer "$well" 65533
refuses 1 "in /run, too, nobody is where everybody can be" \
	env RUNTIME_DIRECTORY=/run/open/sqsherd "$BUILD/sqsherdctl" health
is_empty "$(cat "$SCRATCH/asked")" "it hears nothing of this"
dismiss
ok "no process is left" no_survivor
done_testing
