#!/bin/sh
# What servers and networks do wrong: nothing is lost, nothing spins.
. "$(dirname "$0")/lib.sh"

start_fake
new_queue jobs '"VisibilityTimeout":"60"'
start_sqsherd -j 1 -o request_timeout=1s -o visibility_timeout=5 -- /bin/true

n=0
# survives NAME QUERY: a message sent under the fault is deleted in the end.
survives() {
	fault "$2"
	send "job $n"
	n=$((n + 1))
	eventually 30 "$1" queue_is deleted $n
	fake /_clear -X POST >/dev/null
}
for op in ReceiveMessage DeleteMessageBatch; do
	survives "$op is throttled" "op=$op&kind=throttle&count=2"
	survives "$op gets a 500" "op=$op&kind=http500&count=2"
	survives "$op gets a 503" "op=$op&kind=http503&count=4"
	survives "$op: the connection is cut" "op=$op&kind=cut&count=2"
	survives "$op: cut in the middle of the answer" \
		"op=$op&kind=cut_mid&count=2"
	survives "$op: reset" "op=$op&kind=reset&count=2"
	survives "$op is answered with invalid JSON" \
		"op=$op&kind=bad_json&count=2"
	survives "$op is answered in XML" "op=$op&kind=html&count=2&status=503"
	survives "$op is redirected" "op=$op&kind=redirect&count=1"
	survives "$op never answers" "op=$op&kind=hang&count=1"
	survives "$op answers a byte at a time" "op=$op&kind=drip&count=1"
	survives "$op answers with unknown members" \
		"op=$op&kind=unknown_fields&count=1"
	survives "$op is denied, then allowed" \
		"op=$op&kind=error&code=AccessDenied&status=403&count=1"
done
survives "DeleteMessageBatch is done but its answer is lost" \
	"op=DeleteMessageBatch&kind=cut_after&count=1"
survives "an entry of a delete fails at the server's fault" \
	"op=DeleteMessageBatch&kind=entry_fail&code=InternalError&sender=0&count=2"
survives "an entry of a delete is not answered" \
	"op=DeleteMessageBatch&kind=entry_missing&entry=0&count=1"
survives "a received message is lost on the way" \
	"op=ReceiveMessage&kind=lost&count=1"
survives "a body with a wrong MD5 comes back right" \
	"op=ReceiveMessage&kind=bad_md5&count=1"

calls_before=$(fake /_calls?since=0 | jq 'length')
fault "op=ReceiveMessage&kind=empty&count=1000"
sleep 2
calls=$(($(fake /_calls?since=0 | jq 'length') - calls_before))
ok "empty answers that come at once do not spin ($calls calls in 2 s)" \
	test "$calls" -le 15
fake /_clear -X POST >/dev/null

fault "op=ReceiveMessage&kind=huge&ms=200000000&count=1"
send after
n=$((n + 1))
eventually 30 "an answer of 200 MB is refused, and work goes on" \
	queue_is deleted $n
is "$(queue_field in_flight)" 0 "nothing is in flight"
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
is "$(count_logged '"event":"child_exited".*SIG')" 0 "and no child died"

# -- nobody listens
QUEUE=http://127.0.0.1:9/000000000000/jobs
start_sqsherd -j 2 -- /bin/true
eventually 10 "an unreachable server is reported" logged 'receive_failed'
ok "and is not a crash" not_logged child_exited
stop_sqsherd
is "$STATUS" 0 "SIGTERM still ends it with 0"
done_testing
