#!/bin/sh
# A supervisor that is killed leaves no orphan that works on.
. t/lib.sh

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
echo working
sleep "$(cat)"
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"60"'

start_sqsherd -j 3 -o wait_time=20 -- "$SCRATCH/handler"
fake "/_wait?name=jobs&cond=polling&value=3&ms=10000" >/dev/null
kill -KILL "$SQSHERD"
wait_sqsherd
eventually 2 "idle children are gone within 2 s" no_survivor

start_sqsherd -j 1 -o wait_time=20 -- "$SCRATCH/handler"
send 1.5
eventually 10 "a job runs" logged working
kill -KILL "$SQSHERD"
wait_sqsherd
eventually 10 "a busy child finishes its job" queue_is deleted 1
eventually 2 "and is gone" no_survivor
is "$(queue_field in_flight)" 0 "nothing is in flight"

start_sqsherd -j 1 -o wait_time=20 -o grace_timeout=2 -- "$SCRATCH/handler"
send 60
eventually 10 "a long job runs" logged working
kill -KILL "$SQSHERD"
wait_sqsherd
eventually 5 "after the grace the child gives it back" queue_is visible 1
eventually 5 "and is gone" no_survivor
done_testing
