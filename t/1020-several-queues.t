#!/bin/sh
# Several queues in one supervisor, each with its own children and handler.
. "$(dirname "$0")/lib.sh"

for name in one two; do
	printf '#!/bin/sh\necho "%s $(cat)" >>"%s/worked"\n' $name "$SCRATCH" \
		>"$SCRATCH/$name"
	chmod +x "$SCRATCH/$name"
done
start_fake
new_queue first
first=$QUEUE
new_queue second
second=$QUEUE
cat >"$SCRATCH/conf" <<EOF
wait_time = 2
log_format = json

[queue one]
queue_url = $first
command = $SCRATCH/one
children = 1

[queue two]
queue_url = $second
command = $SCRATCH/two
children = 2
EOF
"$BUILD/sqsherd" -c "$SCRATCH/conf" 2>"$SCRATCH/log" &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
eventually 10 "three children run" child_count_is 3
is "$(children | while read -r pid; do ps -o args= -p "$pid"; done |
	sed 's/ \[.*//' | sort | tr '\n' ';')" \
	"sqsherd: one/0;sqsherd: two/0;sqsherd: two/1;" \
	"titled by queue and slot"
QUEUE=$first
send a
eventually 10 "a message of the first queue is done" queue_is deleted 1
QUEUE=$second
send b
eventually 10 "and one of the second" queue_is deleted 1
is "$(sort "$SCRATCH/worked" | tr '\n' ';')" "one a;two b;" \
	"each by its own handler"
stop_sqsherd
is "$STATUS" 0 "exit 0"
ok "no process is left" no_survivor
done_testing
