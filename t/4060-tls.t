#!/bin/sh
# TLS: a server whose certificate does not verify gets no request.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || skip_all "needs python3 for a TLS endpoint"

# A certificate authority, and a leaf for 127.0.0.1.
cd "$SCRATCH" || exit 1
{
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-ca \
		-keyout ca.key -out ca.pem
	openssl req -newkey rsa:2048 -nodes -subj /CN=leaf -keyout leaf.key \
		-out leaf.csr
	printf 'subjectAltName=IP:127.0.0.1\n' >ext
	openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
		-days 2 -extfile ext -out leaf.pem
	openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
		-days 2 -out wrong.pem
} 2>openssl.log || bail "openssl: $(tail -1 openssl.log)"
cd "$ROOT" || exit 1

# Terminates TLS in front of the scripted server.
cat >"$SCRATCH/tls.py" <<'EOF'
import socket, ssl, sys, threading
cert, key, port, backend = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(cert, key)
def pump(a, b):
    try:
        while data := a.recv(65536):
            b.sendall(data)
    except OSError:
        pass
    for s in (a, b):
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
def serve(c):
    try:
        c = context.wrap_socket(c, server_side=True)
    except (ssl.SSLError, OSError):
        return
    b = socket.create_connection(("127.0.0.1", int(backend)))
    threading.Thread(target=pump, args=(c, b), daemon=True).start()
    pump(b, c)
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(64)
with open(port + ".new", "w") as f:
    f.write(str(s.getsockname()[1]))
import os
os.rename(port + ".new", port)
while True:
    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
EOF
start_fake
new_queue jobs
for name in leaf wrong; do
	python3 "$SCRATCH/tls.py" "$SCRATCH/$name.pem" "$SCRATCH/leaf.key" \
		"$SCRATCH/$name.port" "$(cat "$SCRATCH/port")" \
		>"$SCRATCH/$name.log" 2>&1 &
	PIDS="$PIDS $!"
	within 10 test -s "$SCRATCH/$name.port" || bail "no TLS endpoint"
done
leaf=https://127.0.0.1:$(cat "$SCRATCH/leaf.port")
wrong=https://127.0.0.1:$(cat "$SCRATCH/wrong.port")

start_sqsherd -j 2 -o endpoint_url="$leaf" -o ca_bundle="$SCRATCH/ca.pem" \
	-- /bin/true
send one two three
eventually 15 "over TLS messages are worked and deleted" queue_is deleted 3
stop_sqsherd
is "$STATUS" 0 "exit 0"
is "$(count_logged '_failed')" 0 "without a failed call"

calls=$(fake /_stats | jq .calls)
start_sqsherd -j 1 -o endpoint_url="$leaf" -- /bin/true
eventually 15 "an unknown authority is refused, and reported" \
	logged 'receive_failed.*certificate'
stop_sqsherd
is "$STATUS" 0 "exit 0"
start_sqsherd -j 1 -o endpoint_url="$wrong" -o ca_bundle="$SCRATCH/ca.pem" \
	-- /bin/true
eventually 15 "so is a certificate for another name" \
	logged 'receive_failed.*(certificate|subject)'
stop_sqsherd
is "$(fake /_stats | jq .calls)" "$calls" "neither was sent a request"
done_testing
