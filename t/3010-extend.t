#!/bin/sh
# A message stays invisible for as long as its handler works.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
sleep "$(cat)"
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"30"'

start_sqsherd -j 2 -o visibility_timeout=3 -- "$SCRATCH/handler"
send 8
id=$(cat "$SCRATCH/last_id")
eventually 20 "a job longer than two timeouts is done" queue_is deleted 1
is "$(queue_field redelivered)" 0 "and was delivered once"
history=$(fake "/_history?name=jobs&id=$id")
changes=$(printf '%s' "$history" | jq '[.[] | select(.event == "changed")] | length')
ok "it was extended about every second ($changes times)" \
	test "$changes" -ge 5 -a "$changes" -le 12
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"

# -- a connection that is dead: its call is sent again on another
start_sqsherd -j 2 -o visibility_timeout=6 -- "$SCRATCH/handler"
fault "op=ChangeMessageVisibilityBatch&kind=hang&count=1"
send 8
eventually 20 "a job whose first extension is not answered is done" \
	queue_is deleted 2
is "$(queue_field redelivered)" 0 "and was delivered once"
ok "that call had failed" logged '"event":"call_failed".*"no answer in'
stop_sqsherd

start_sqsherd -j 2 -o visibility_timeout=3 -o extend=no -- "$SCRATCH/handler"
send 5
eventually 20 "without extension it is delivered again" \
	queue_is redelivered 1
stop_sqsherd
done_testing
