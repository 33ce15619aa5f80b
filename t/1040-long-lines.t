#!/bin/sh
# Lines of a settings file may be long, and what stands in them holds whole.
. "$(dirname "$0")/lib.sh"

sqsherd=$BUILD/sqsherd
conf=$SCRATCH/conf
letters() { head -c "$1" /dev/zero | tr '\0' "$2"; }
checked() { "$sqsherd" -n -c "$conf"; }

name=$(letters 80 q)
vpce=vpce-$(letters 17 a)-$(letters 8 b)-eu-west-1a.sqs.eu-west-1.vpce.amazonaws.com
printf 'queue_url = https://%s/111122223333/%s\ncommand = true\n' \
	"$vpce" "$name" >"$conf"
ok "the URL of a queue in a VPC is longer than 180 bytes" \
	[ "$(head -1 "$conf" | wc -c)" -gt 180 ]
refuses 0 "and stands in a file" checked

buckets=$(i=0; while [ $i -lt 60 ]; do printf 'bucket-%s-%s ' $i "$(letters 50 x)"; i=$((i + 1)); done)
printf 's3_buckets = %s\n' "$buckets" >>"$conf"
ok "sixty buckets have a line of more than 3,000 bytes" \
	[ ${#buckets} -gt 3000 ]
refuses 0 "which is good" checked
is "$("$sqsherd" --print -c "$conf" | sed -n 's/^s3_buckets = \(.*\)    #.*/\1/p')" \
	"${buckets% }" "and printed in full"

printf 'queue_url = https://%s/1/jobs\ncommand = true %s\n' "$vpce" \
	"$(letters 4081 y)" >"$conf"
is "$(tail -1 "$conf" | tr -d '\n' | wc -c)" 4096 "a line of 4,096 bytes"
refuses 0 "is good" checked
printf 'queue_url = https://%s/1/jobs\ncommand = true %s\n' "$vpce" \
	"$(letters 4082 y)" >"$conf"
refuses 78 "one of 4,097 is not" checked
like "$(cat "$SCRATCH/err")" \
	'a line of 4097 bytes is longer than 4096; .*conf:2\)$' \
	"and is named with its number"

# It comes to the handler as it is.
start_fake
new_queue "$name"
cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
printf '%s' "$1" >"$2"
EOF
chmod 755 "$SCRATCH/handler"
printf 'queue_url = %s\ncommand = %s %s %s\nlog_format = json\n' "$QUEUE" \
	"$SCRATCH/handler" "$(letters 3900 z)" "$SCRATCH/argument" >"$conf"
new_log
"$sqsherd" -c "$conf" -j 1 >"$SCRATCH/stdout" 2>"$SCRATCH/log" </dev/null &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
send one
eventually 60 "a handler with a long argument works" queue_is deleted 1
is "$(cat "$SCRATCH/argument")" "$(letters 3900 z)" "and got all of it"
# A reload that fails says where, whatever the line holds.
printf 'children = %sx\n' "$(letters 4000 1)" >>"$conf"
signal HUP "$SQSHERD" || bail "no sqsherd"
eventually 60 "a reload with a long mistake says where it is" \
	logged 'reload_problem.*children: \\"1111.*1x\\" is not.*conf:4\)'
stop_sqsherd
is "$STATUS" 0 "exit 0"

# What Kubernetes says of a Service named like us is none of our settings.
url=https://sqs.eu-west-1.amazonaws.com/111122223333/jobs
refuses 0 "variables of a Service named sqsherd are no settings" env \
	SQSHERD_SERVICE_HOST=10.0.0.1 SQSHERD_SERVICE_PORT=80 \
	SQSHERD_SERVICE_PORT_METRICS=80 SQSHERD_PORT=tcp://10.0.0.1:80 \
	SQSHERD_PORT_80_TCP=tcp://10.0.0.1:80 SQSHERD_PORT_80_TCP_PROTO=tcp \
	SQSHERD_PORT_80_TCP_PORT=80 SQSHERD_PORT_80_TCP_ADDR=10.0.0.1 \
	SQSHERD_METRICS_SERVICE_HOST=10.0.0.1 \
	SQSHERD_METRICS_PORT=udp://10.0.0.1:80 \
	"$sqsherd" -n -q "$url" -- true
refuses 78 "others are still refused" env \
	SQSHERD_METRICS_PORT=80 "$sqsherd" -n -q "$url" -- true
like "$(cat "$SCRATCH/err")" 'SQSHERD_METRICS_PORT' "by name"
done_testing
