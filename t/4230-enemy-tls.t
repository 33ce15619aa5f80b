#!/bin/sh
# Hostile TLS: to a server that cannot prove who it is, or that does not speak
# TLS as it should, no request goes; the log says why, and nothing else breaks.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || skip_all "needs python3 for a TLS endpoint"

cd "$SCRATCH" || exit 1
# leaf NAME SUBJECT_ALT_NAME CA_ARG...
leaf() {
	printf 'subjectAltName=%s\n' "$2" >ext
	_name=$1
	shift 2
	openssl req -newkey rsa:2048 -nodes -subj /CN=leaf -keyout "$_name.key" \
		-out leaf.csr &&
		openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key \
			-CAcreateserial -extfile ext -out "$_name.pem" "$@"
}
{
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-ca \
		-keyout ca.key -out ca.pem &&
		leaf good IP:127.0.0.1 -days 2 &&
		leaf name DNS:sqs.example -days 2 &&
		leaf address IP:127.0.0.2 -days 2 &&
		leaf expired IP:127.0.0.1 -days -1 &&
		openssl req -x509 -newkey rsa:2048 -nodes -days 2 \
			-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
			-keyout self.key -out self.pem
} >openssl.log 2>&1 || bail "openssl: $(tail -1 openssl.log)"
cd "$ROOT" || exit 1

# A line a case: how the server is, its certificate, the record that is wanted.
cat >"$SCRATCH/cases" <<'EOF'
tls name receive_failed.*(certificate|subject)
tls address receive_failed.*(certificate|subject)
tls expired receive_failed.*certificate.*expired
tls self receive_failed.*certificate
old good receive_failed.*"error":".*(protocol|version|SSL|TLS)
plain good receive_failed.*"error":".*(SSL|TLS|wrong version)
close good receive_failed.*"error":".*(SSL|TLS|reset|EOF)
mute good receive_failed.*timed? ?out
garbage good receive_failed.*"error":".*(SSL|TLS|record)
cut good receive_failed.*"error":".*(SSL|TLS|Empty|reset)
EOF

# Listens once for each case; what comes through TLS is written down.
cat >"$SCRATCH/tls.py" <<'EOF'
import os, socket, ssl, sys, threading, time
scratch = sys.argv[1]
def serve(kind, name, c):
    if kind == "close":
        c.close()
    elif kind == "mute":
        time.sleep(60)
    elif kind == "garbage":
        c.sendall(os.urandom(4000))
        c.close()
    elif kind == "plain":
        c.recv(65536)
        c.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        c.close()
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if kind == "old":
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.load_cert_chain(f"{scratch}/{name}.pem", f"{scratch}/{name}.key")
        try:
            c = context.wrap_socket(c, server_side=True)
            if kind == "cut":
                c.recv(65536)
            elif c.recv(65536):
                open(f"{scratch}/requests", "a").write(f"{kind} {name}\n")
            c.close()
        except OSError:
            pass
def listen(kind, name, s):
    while True:
        threading.Thread(target=serve, args=(kind, name, s.accept()[0]),
            daemon=True).start()
ports = []
for line in open(f"{scratch}/cases"):
    kind, name, _ = line.split(" ", 2)
    s = socket.create_server(("127.0.0.1", 0))
    ports.append(str(s.getsockname()[1]))
    threading.Thread(target=listen, args=(kind, name, s), daemon=True).start()
with open(f"{scratch}/ports.new", "w") as f:
    f.write("\n".join(ports) + "\n")
os.rename(f"{scratch}/ports.new", f"{scratch}/ports")
time.sleep(600)
EOF
: >"$SCRATCH/requests"
python3 -W ignore "$SCRATCH/tls.py" "$SCRATCH" >"$SCRATCH/tls.log" 2>&1 &
PIDS="$PIDS $!"
within 20 test -s "$SCRATCH/ports" || bail "no TLS: $(tail -1 "$SCRATCH/tls.log")"

# All in one sqsherd, a queue a case, beside one that is well.
start_fake
new_queue jobs
send well
{
	printf '[queue well]\nqueue_url = %s\ncommand = /bin/true\n' \
		"$QUEUE"
	while read -r port; do
		printf '[queue q%s]\ncommand = /bin/true\n' "$port"
		printf 'queue_url = https://127.0.0.1:%s/1/q\n' "$port"
	done <"$SCRATCH/ports"
} >"$SCRATCH/conf"
new_log
"$BUILD/sqsherd" -c "$SCRATCH/conf" -j 1 -o log_format=json \
	-o request_timeout=2 -o wait_time=0 -o max_attempts=1 \
	-o ca_bundle="$SCRATCH/ca.pem" >/dev/null 2>"$SCRATCH/log" </dev/null &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
exec 3<"$SCRATCH/ports"
while read -r kind name want; do
	read -r port <&3
	eventually 30 "$kind, $name: $want" \
		logged "receive_failed.*\"q$port\".*${want#receive_failed}"
done <"$SCRATCH/cases"
is_empty "$(cat "$SCRATCH/requests")" "none of them was sent a request"
eventually 20 "a queue beside them is worked" queue_is deleted 1
is "$(count_logged '"event":"child_exited"')" 0 "no child died of it"
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
done_testing
