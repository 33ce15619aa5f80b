#!/bin/sh
# What the processes of one sqsherd share: each has only its own mapped.
. "$(dirname "$0")/lib.sh"
. t/reporter.sh

start_fake
new_queue jobs
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
export AWS_CONTAINER_CREDENTIALS_FULL_URI="$FAKE/creds"

# shared PID: inode and KiB of each shared memory that it has mapped.  All of
# the supervisor's is made before the first fork, and has a number of its own.
shared() {
	awk '$1 ~ /-/ && NF >= 5 && $2 ~ /s$/ { inode = $5 }
		$1 ~ /-/ && NF >= 5 && $2 !~ /s$/ { inode = 0 }
		$1 == "Size:" && inode { kib[inode] += $2 }
		END { for (i in kib) print i, kib[i] }' "/proc/$1/smaps" | sort
}
# common A B: what both files have.
common() {
	join "$SCRATCH/$1" "$SCRATCH/$2"
}
start_sqsherd -j 2 -o metrics_listen=127.0.0.1:0 -o heartbeat_timeout=3 \
	-o restart_base=0.1 -- "$SCRATCH/handler"
eventually 20 "two children poll" fake '/_wait?cond=polling&value=2'
eventually 20 "there is a reporter" reporter
all() {
	shared "$SQSHERD" >"$SCRATCH/supervisor"
	shared "$(reporter)" >"$SCRATCH/reporter"
	n=0
	for pid in $(children); do
		n=$((n + 1))
		shared "$pid" >"$SCRATCH/child$n"
	done
	[ "$n" -eq 2 ] && [ -s "$SCRATCH/child1" ] && [ -s "$SCRATCH/child2" ] &&
		[ "$(wc -l <"$SCRATCH/reporter")" -eq 1 ]
}
eventually 20 "the reporter has one thing mapped" all
is "$(common reporter supervisor | wc -l)" 1 \
	"which the supervisor has: its board"
is_empty "$(common reporter child1)$(common reporter child2)" \
	"and no child: neither credentials are in the reporter, nor its board in them"
is "$(common child1 child2 | wc -l)" 2 \
	"children share their queue's page and the credentials"
for n in 1 2; do
	is "$(wc -l <"$SCRATCH/child$n")" 3 "child $n has its own row beside them"
done
is "$(wc -l <"$SCRATCH/supervisor")" 5 "there is nothing else"

# -- whatever the reporter writes there
pid=$(reporter)
signal STOP "$pid"
python3 - "$pid" "$(cat "$SCRATCH/reporter")" <<'EOF2' || bail "no python3"
import sys
pid, inode = sys.argv[1], sys.argv[2].split()[0]
for line in open(f"/proc/{pid}/maps"):
    words = line.split()
    if words[4] == inode:
        with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
            memory.seek(int(words[0].split("-")[0], 16))
            memory.write((b"\0" * 7 + b"\x80") * 3)
EOF2
eventually 30 "a reporter that wrote garbage is found hung" \
	logged "reporter_hung.*\"child_pid\":$pid,"
ok "its silence is told as it was" jq -e -n \
	'[inputs | select(.event == "reporter_hung") | .silent] |
	first | . >= 3000 and . < 60000' "$SCRATCH/log"
another() {
	[ "$(reporter)" != "$pid" ] &&
		[ "$(ctl status --json | jq .status.reporter.port)" -gt 0 ]
}
eventually 30 "another takes its place" another
send one
eventually 20 "the children know nothing of it" queue_is deleted 1
stop_sqsherd
is "$STATUS" 0 "the exit status is 0"
done_testing
