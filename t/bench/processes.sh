#!/bin/sh
# Measures the cost of the processes: the memory of idle children with a TLS
# connection each, the time from the end of a child to the receive of the next,
# and the time that an idle sqsherd takes to end.
#
#	BUILD=build t/bench/processes.sh
. t/lib.sh

CHILDREN=50
MESSAGES=30

NGINX=$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v nginx) || {
	echo "processes.sh: nginx is not installed (Debian: nginx-light)" >&2
	exit 1
}

# row NAME VALUE UNIT TARGET
row() {
	printf '%-44s %10s %-3s %16s\n' "$1" "$2" "$3" "$4"
}

# Terminates TLS in front of the scripted server, which lets polls wait.
start_tls() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=bench \
		-addext subjectAltName=IP:127.0.0.1 -keyout "$SCRATCH/key.pem" \
		-out "$SCRATCH/cert.pem" 2>"$SCRATCH/openssl.log"
	export AWS_CA_BUNDLE="$SCRATCH/cert.pem"
	for _try in 1 2 3 4 5; do
		_port=$((20000 + ($$ * 14 + _try * 1010) % 12000))
		cat >"$SCRATCH/nginx.conf" <<EOF
daemon off;
master_process off;
pid $SCRATCH/nginx.pid;
error_log $SCRATCH/nginx.log error;
events { worker_connections 1024; }
http {
	access_log off;
	client_body_temp_path $SCRATCH/body;
	proxy_temp_path $SCRATCH/proxy;
	fastcgi_temp_path $SCRATCH/fastcgi;
	uwsgi_temp_path $SCRATCH/uwsgi;
	scgi_temp_path $SCRATCH/scgi;
	server {
		listen 127.0.0.1:$_port ssl;
		ssl_certificate $SCRATCH/cert.pem;
		ssl_certificate_key $SCRATCH/key.pem;
		location / {
			proxy_pass $FAKE;
			proxy_read_timeout 60s;
			proxy_set_header Host \$http_host;
		}
	}
}
EOF
		"$NGINX" -e "$SCRATCH/nginx.log" -p "$SCRATCH" \
			-c "$SCRATCH/nginx.conf" &
		_pid=$!
		if within 5 curl -s --cacert "$SCRATCH/cert.pem" -o "$SCRATCH/out" \
			"https://127.0.0.1:$_port/_stats"; then
			PIDS="$PIDS $_pid"
			TLS=https://127.0.0.1:$_port
			return
		fi
		kill "$_pid" 2>/dev/null || :
	done
	bail "nginx does not start, see $SCRATCH/nginx.log"
}

polling() {
	fake "/_wait?name=bench&cond=polling&value=$1&ms=30000" >/dev/null
}

# Prints the proportional set size of a process in kB.
pss() {
	sed -n 's/^Pss:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$1/smaps_rollup"
}

# median N: prints the median of N numbers on stdin.
median() {
	sort -n | sed -n "$(($1 / 2 + 1))p"
}

# A function of jq: the time of a log record in ms.
MS='def ms: (.[:19] + "Z" | fromdate) * 1000 + (.[20:23] | tonumber);'

start_fake
new_queue bench
start_tls

printf '%-44s %14s %16s\n' "" measured target
start_sqsherd -j $CHILDREN -o endpoint_url="$TLS" -o wait_time=20 -- /bin/true
polling $CHILDREN || bail "no $CHILDREN children poll"
for pid in $(children); do
	pss "$pid"
done >"$SCRATCH/pss"
row "memory of an idle child of $CHILDREN, TLS, PSS" \
	"$(awk '{ n += $1 } END { printf "%.0f", n / NR }' "$SCRATCH/pss")" \
	kB "<= 1200"
row "memory of their supervisor, PSS" "$(pss "$SQSHERD")" kB ""
ctl pause bench >"$SCRATCH/out"
within 30 polling 0 || bail "the polls do not end"
kill -TERM "$SQSHERD"
wait_sqsherd
row "end of $CHILDREN idle children, no poll open" \
	"$(jq -s "$MS"' map({(.event): (.time | ms)}) | add |
		.stopped - .stop_began' "$SCRATCH/log")" ms "<= 100"

# Each child is replaced after its message.
start_sqsherd -j 1 -o endpoint_url="$TLS" -o max_messages=1 -- /bin/true
fake "/_send?name=bench&count=$MESSAGES" -X POST --data-binary x \
	>"$SCRATCH/out"
within 60 queue_is deleted $MESSAGES || bail "the queue is not worked"
kill -TERM "$SQSHERD"
wait_sqsherd
jq -s "$MS"' reduce .[] as $e ({end: null, took: []};
	if $e.event == "child_exited" then .end = ($e.time | ms)
	elif $e.event == "message" and .end then
		.took += [($e.time | ms) - $e.total_ms - .end] | .end = null
	else . end) | .took[]' "$SCRATCH/log" >"$SCRATCH/took"
row "end of a child to the message of the next" \
	"$(median "$(wc -l <"$SCRATCH/took")" <"$SCRATCH/took")" ms "<= 50"
done_testing
