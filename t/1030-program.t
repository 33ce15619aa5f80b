#!/bin/sh
# A handler that execve would refuse is refused beforehand, with the cause.
. "$(dirname "$0")/lib.sh"

sqsherd=$BUILD/sqsherd
url=https://sqs.eu-west-1.amazonaws.com/111122223333/jobs
handler=$SCRATCH/handler

# handler_is FORMAT: what printf makes of it, executable.
handler_is() {
	# shellcheck disable=SC2059 # a format is what is given
	printf "$1" >"$handler" && chmod 755 "$handler"
}
checked() {
	"$sqsherd" -n -q "$url" -- "$handler"
}
# refused FORMAT REGEX NAME: one line on stderr that says why.
refused() {
	handler_is "$1"
	refuses 78 "$3 is refused" checked
	like "$(cat "$SCRATCH/err")" "handler\" cannot be started: .*$2" \
		"and it is said why"
	is "$(wc -l <"$SCRATCH/err")" 1 "in one line"
}
accepted() {
	handler_is "$1"
	refuses 0 "$2 is good" checked
	is_empty "$(cat "$SCRATCH/err")" "and nothing is said of it"
}

refused '' 'empty' "an empty file"
refused 'echo hello\n' 'without #!' "a script without #!"
refused '#!\n' 'names no interpreter' "a #! without an interpreter"
refused '#!/bin/sh\r\ntrue\r\n' 'ends in a carriage return' \
	"a script whose lines end as on Windows"
refused '#!/usr/bin/env sh\r\ntrue\r\n' 'ends in a carriage return' \
	"the same below env"
refused '#!/no/such/interpreter -x\n' \
	'"/no/such/interpreter" cannot be started: it does not exist' \
	"an interpreter that is not there"
refused '#!/tmp\n' '"/tmp" cannot be started: it is a directory' \
	"an interpreter that is a directory"
refused '#!/usr/bin/env no-such-python\n' '"no-such-python", which is not in PATH' \
	"an interpreter that env would not find"
refused '#!/usr/bin/env -S A=b no-such-python -u\n' \
	'"no-such-python", which is not in PATH' "the same behind -S"
refused '#!/usr/bin/env sh -e\n' 'write env -S' \
	"an argument that env takes for a part of the name"
accepted '#!/bin/sh\nexit 0\n' "a script"
accepted '#!/bin/sh\nprintf "\\r"\r\n' "a carriage return further down"
accepted '#!/usr/bin/env sh\n' "an interpreter that env finds"
accepted '#!/usr/bin/env -S sh -e\n' "one that env -S finds"
accepted '#! /bin/sh -e' "a first line without an end"

# What calls itself env elsewhere may set a PATH of its own.
mkdir "$SCRATCH/own" && cp /bin/true "$SCRATCH/own/env"
accepted "#!$SCRATCH/own/env no-such-python\\n" "an env of the user's own"

# env gives to a shell what execve does not know: such a script works.
handler_is "#!/usr/bin/env $SCRATCH/lax\\n"
printf '#!\nexit 0\n' >"$SCRATCH/lax" && chmod 755 "$SCRATCH/lax"
ok "a script works whose interpreter env gives to a shell" "$handler"
refuses 0 "so it is not refused" checked
like "$(cat "$SCRATCH/err")" 'names no interpreter' "but it is said"

printf 'echo\n' >"$SCRATCH/inner" && chmod 755 "$SCRATCH/inner"
refused "#!$SCRATCH/inner\\n" 'without #!' \
	"a script whose interpreter is such a script"
refused "#!$handler\\n" 'too many deep' "a script that is its own interpreter"

cp /bin/true "$handler"
refuses 0 "a program of this machine is good" checked
# Byte 18 tells the machine: 0xF7 0x00 is one that nobody runs this on.
printf '\367\000' | dd of="$handler" bs=1 seek=18 conv=notrunc 2>"$SCRATCH/dd"
other_formats=/proc/sys/fs/binfmt_misc
if [ ! -d $other_formats ] || grep -qsx disabled $other_formats/status; then
	refuses 78 "a program of another machine is refused" checked
else
	refuses 0 "a program of another machine may be one of binfmt_misc" \
		checked
fi
like "$(cat "$SCRATCH/err")" 'another architecture' "and is called so"
loader=$(LC_ALL=C grep -aom1 '/lib[a-z0-9/_.-]*ld[a-z0-9_.-]*so[.0-9]*' \
	/bin/true | head -1)
if [ -n "$loader" ]; then
	wrong=$(printf '%s' "$loader" | tr 'l' 'Z')
	LC_ALL=C sed "s|$loader|$wrong|" /bin/true >"$handler"
	refuses 78 "a program whose loader is not there is refused" checked
	like "$(cat "$SCRATCH/err")" "program interpreter $wrong is missing" \
		"and the loader is named"
else
	skip "a program whose loader is not there is refused" \
		"true has no loader"
fi

mkfifo "$SCRATCH/pipe" && chmod 755 "$SCRATCH/pipe"
refuses 78 "a pipe is refused, not opened" \
	timeout 60 "$sqsherd" -n -q "$url" -- "$SCRATCH/pipe"
like "$(cat "$SCRATCH/err")" 'not a regular file' "and is called so"
handler_is '#!/bin/sh\r\n'
refuses 78 "a start refuses what -n refuses" \
	timeout 60 "$sqsherd" -q "$url" -- "$handler"
chmod 644 "$handler"
refuses 78 "a file that is not executable is refused" checked
like "$(cat "$SCRATCH/err")" 'chmod' "with its cure"

# Who runs it is who may or may not.
if [ "$(id -u)" = 0 ]; then
	handler_is '#!/bin/sh\n'
	chmod 755 "$SCRATCH" && chmod 700 "$handler"
	refuses 78 "-n asks for the user that the handler will be run by" \
		"$sqsherd" -n -o user=65534 -o group=65534 -q "$url" -- "$handler"
	like "$(cat "$SCRATCH/err")" 'may not be executed by user 65534' \
		"and says who may not"
else
	skip "-n asks for the user of the handler" "only root can change it"
fi

# A reload keeps what works.
start_fake
new_queue jobs
handler_is '#!/bin/sh\nexit 0\n'
start_sqsherd -o children=1 -- "$handler"
send first
eventually 60 "a good handler works" queue_is deleted 1
handler_is '#!/bin/sh\r\nexit 0\r\n'
signal HUP "$SQSHERD"
eventually 60 "a reload with a handler that cannot start says why" \
	logged 'reload_problem.*carriage return'
handler_is '#!/bin/sh\nexit 0\n'
send second
eventually 60 "and the old settings still work" queue_is deleted 2
is "$(count_logged '"event":"child_replaced"')" 0 "with the same child"
stop_sqsherd
is "$STATUS" 0 "until it is stopped"
done_testing
