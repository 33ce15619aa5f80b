#!/bin/sh
# Hostile bytes in answer to a receive: heads and frames of HTTP that are cut,
# wrong, endless or of another protocol.  Each is a failure with a cause, or no
# harm; the next answer is worked.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || skip_all "needs python3 for a server of bytes"

# A line a case: the record of trouble that is wanted ("-": none), how often
# the second part is repeated, the parts.  After "!" the connection stays open.
cat >"$SCRATCH/cases" <<'EOF'
receive_failed|1|
receive_failed|1|garbage
receive_failed|1|{"Messages":[]}
receive_failed|1|HTTP/1.1 200 OK
receive_failed.*within the head|1|HTTP/1.1 200 OK\r\n
receive_failed.*within the head|1|HTTP/1.1 200 OK\r\nContent-Length: 0\r\n
receive_failed.*within the head|1|HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: y
receive_failed.*within the head|1|HTTP/1.1 400 No\r\n
receive_failed|1|HTTP/1.1 100 Continue\r\n\r\n
receive_failed.*within the head|1|HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n
-|1|HTTP/1.1 200 OK\r\n\r\n
-|1|HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n
-|1|HTTP/1.1 200 OK\nContent-Length: 0\n\n
receive_failed|1|HTTP/1.1 abc OK\r\n\r\n
receive_failed|1|HTTP/9.9 200 OK\r\n\r\n{}
receive_failed|1|HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}
receive_failed|1|HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{}
-|1|HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{}
receive_failed|1|HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}
receive_failed|1|HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}
receive_failed|1|HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}
receive_failed|1|HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}
receive_failed|1|HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00
receive_failed|1|HTTP/1.1 200 OK\r\n\r\n{"Messages":[{"MessageId":"\xff\xfe"}]}
receive_failed|1|HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n\x00\x00
receive_failed|1|PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n
receive_failed|1|HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n
receive_failed|1|HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n
receive_failed.*head|2000000|HTTP/1.1 200 OK\r\n|X: yyyyyyyy\r\n!
receive_failed|2000000|HTTP/1.1 200 OK\r\nX: |yyyyyyyy!
receive_failed.*head|200000|HTTP/1.1 100 Continue\r\n\r\n|HTTP/1.1 100 Continue\r\n\r\n!
receive_failed.*timed out|1|!
receive_failed.*timed out|1|HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{!
-|20|HTTP/1.1 100 Continue\r\n\r\n|HTTP/1.1 102 Processing\r\n\r\n|HTTP/1.1 200 OK\r\n\r\n{}
-|1|HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 500 more\r\n\r\n
-|1|HTTP/1.0 200 OK\r\n\r\n{}
EOF

# Every second receive is answered by a case, all else by the scripted server.
cat >"$SCRATCH/enemy.py" <<'EOF'
import http.client, os, socketserver, sys, threading
cases, port, backend = sys.argv[1:]
lines = [l.rstrip("\n").split("|")[1:] for l in open(cases)]
state = {"receives": 0}
lock = threading.Lock()
class Enemy(socketserver.StreamRequestHandler):
    def handle(self):
        head = {}
        self.rfile.readline()
        while line := self.rfile.readline().strip():
            name, value = line.decode().split(":", 1)
            head[name.lower()] = value.strip()
        body = self.rfile.read(int(head.get("content-length", 0)))
        n = 0
        if head.get("x-amz-target", "").endswith("ReceiveMessage"):
            with lock:
                n = state["receives"] = state["receives"] + 1
        if n % 2 and n // 2 < len(lines):
            return self.hostile(*lines[n // 2])
        c = http.client.HTTPConnection("127.0.0.1", int(backend))
        c.request("POST", "/", body, head)
        r = c.getresponse()
        data = r.read()
        self.wfile.write(b"HTTP/1.1 %d x\r\nContent-Length: %d\r\n"
            b"Connection: close\r\n\r\n" % (r.status, len(data)) + data)
    def hostile(self, times, *parts):
        stay = parts[-1].endswith("!")
        parts = [p.encode().decode("unicode_escape").encode("latin-1")
            for p in (parts[:-1] + (parts[-1].rstrip("!"),))]
        if len(parts) > 1:
            parts[1] *= int(times)
        try:
            self.wfile.write(b"".join(parts))
            if stay:
                self.rfile.read(1)
        except OSError:
            pass
class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
s = Server(("127.0.0.1", 0), Enemy)
with open(port + ".new", "w") as f:
    f.write(str(s.server_address[1]))
os.rename(port + ".new", port)
s.serve_forever()
EOF
start_fake
new_queue jobs
python3 "$SCRATCH/enemy.py" "$SCRATCH/cases" "$SCRATCH/enemy.port" \
	"$(cat "$SCRATCH/port")" >"$SCRATCH/enemy.log" 2>&1 &
PIDS="$PIDS $!"
within 10 test -s "$SCRATCH/enemy.port" || bail "no server of bytes"
n=$(wc -l <"$SCRATCH/cases")
fake "/_send?name=jobs&count=$n" -X POST --data-binary x >/dev/null

start_sqsherd -j 1 -o receive_max=1 -o max_attempts=1 -o request_timeout=1 \
	-o wait_time=1 -o endpoint_url="http://127.0.0.1:$(cat "$SCRATCH/enemy.port")" \
	-- /bin/true
eventually 120 "whatever bytes come, what follows is worked" \
	queue_is deleted "$n"
jq -c 'select(.event == "receive_failed")' "$SCRATCH/log" >"$SCRATCH/failures"
exec 3<"$SCRATCH/failures"
while IFS='|' read -r want times first rest; do
	[ "$want" != - ] || continue
	read -r record <&3 || record=none
	like "$record" "$want" \
		"$(printf '%s' "$times x $first $rest" | tr '\134' /)"
done <"$SCRATCH/cases"
record=none
read -r record <&3 || : # the end
is_empty "$record" "nothing else fails"
is "$(count_logged '"event":"child_exited"')" 0 "no child died of it"
kb=$(awk '/^VmHWM/ { print $2 }' "/proc/$(children)/status")
is_sanitized || ok "nor has it piled anything up ($kb kB)" test "$kb" -lt 40000
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
done_testing
