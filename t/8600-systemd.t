#!/bin/sh
# The installed units under a systemd that has really booted, in a container:
# start, crash, out of memory, reload, watchdog, stop under load, instances.
. "$(dirname "$0")/lib.sh"
. t/docker.sh

grep -q '^VERSION_CODENAME=bookworm' /etc/os-release ||
	skip_all "programs built here need not run on Debian 12"
start_docker
debian_tar systemd systemd systemd-sysv dbus procps ca-certificates \
	libbsd0 libcap2 libcurl4 libexpat1 libinih1 libmicrohttpd12 libssl3 \
	libyajl2
docker import "$TAR" sqsherd-systemd >"$SCRATCH/import" 2>&1 ||
	bail "cannot import Debian"
start_fake

# ---- a machine with sqsherd, a queue for each unit ----

root=$SCRATCH/root
unset MAKEFLAGS MFLAGS MAKELEVEL
ok "make install" make -s -o all BUILD="${BUILD#"$ROOT"/}" DESTDIR="$root" \
	PREFIX=/usr install
units=$root/etc/systemd/system
mkdir -p "$root/etc/sqsherd" "$root/usr/local/bin" \
	"$units/sqsherd.service.d" "$units/sqsherd@.service.d"
cat >"$root/usr/local/bin/handler" <<'EOF'
#!/bin/sh
# What fails, fails once.
[ "$SQS_RECEIVE_COUNT" -eq 1 ] || exit 0
case $(cat) in
slow) sleep 3 ;;
hog) exec tail /dev/zero ;;
facts)
	id -u && pwd && touch state /tmp/mine &&
		! touch /etc/mine 2>/dev/null &&
		grep -E '^(NoNewPrivs|CapBnd|Seccomp):' /proc/self/status |
		tr -s '\t' ' '
	;;
esac
EOF
chmod 755 "$root/usr/local/bin/handler"
configure() {
	new_queue "$1" '"VisibilityTimeout":"60"'
	cat >"$root/etc/sqsherd/$1.conf" <<EOF
queue_url = $QUEUE
command = /usr/local/bin/handler
children = 2
wait_time = 2
retry_base = 0
EOF
	cat >"$root/etc/sqsherd/$1.env" <<EOF
AWS_ACCESS_KEY_ID=$AWS_ACCESS_KEY_ID
AWS_SECRET_ACCESS_KEY=$AWS_SECRET_ACCESS_KEY
EOF
}
configure mail
configure sqsherd
# Shorter times than a machine has, and a limit to run into.
cat >"$units/sqsherd.service.d/test.conf" <<'EOF'
[Service]
MemoryMax=150M
WatchdogSec=4
TimeoutAbortSec=4
RestartSec=1
EOF
cp etc/strict.conf "$units/sqsherd@.service.d/strict.conf"
cat >"$SCRATCH/Dockerfile" <<'EOF'
FROM sqsherd-systemd
COPY root/ /
RUN systemctl mask systemd-udevd.service systemd-logind.service getty.target \
	console-getty.service systemd-networkd-wait-online.service
STOPSIGNAL SIGRTMIN+3
ENTRYPOINT ["/lib/systemd/systemd"]
EOF
ok "a machine is made" env DOCKER_BUILDKIT=0 \
	/usr/bin/docker build -q --network none -t machine "$SCRATCH"
run_container machine --cap-add SYS_ADMIN --cap-add NET_ADMIN \
	--security-opt seccomp=unconfined --cgroupns=host --network host \
	-v /sys/fs/cgroup:/sys/fs/cgroup:rw --tmpfs /run --tmpfs /tmp \
	-e container=docker machine

on() {
	timeout 60 docker exec machine "$@"
}
property() {
	on systemctl show "${2:-sqsherd}" -p "$1" --value
}
property_is() {
	[ "$(property "$1")" = "$2" ]
}
journal_has() {
	on journalctl -u "${2:-sqsherd}" -o cat --no-pager |
		grep -Eq -e "$1"
}
booted() {
	case $(on systemctl is-system-running) in
	running | degraded) ;;
	*) return 1 ;;
	esac
}
eventually 60 "it boots" booted

# ---- start ----

ok "systemctl start" on systemctl start sqsherd
is "$(property ActiveState)" active "it is active"
ok "and was ready when start returned" \
	journal_has '"event":"started"'
like "$(property StatusText)" '2/2 ready' "its status says so"
main=$(property MainPID)
send facts
eventually 20 "a message is done" queue_is deleted 1
eventually 10 "the handler has no way to more privilege" \
	journal_has '"line":"NoNewPrivs: 1"'
ok "no capability" journal_has '"line":"CapBnd: 0+"'
ok "a system call filter" journal_has '"line":"Seccomp: 2"'
ok "a place to write" journal_has '"line":"/var/lib/(private/)?sqsherd"'
like "$(on ps -o uid= -p "$main")" '^ *6[1-5][0-9]{3}$' \
	"it runs as a dynamic user"

# ---- what goes wrong ----

is_ready() {
	property StatusText | grep -q "$1/$1 ready"
}
child=$(on pgrep -P "$main" -f 'sqsherd/0')
on kill -KILL "$child"
eventually 10 "the death of a child is seen" journal_has \
	'"event":"child_exited".*"signal":"SIGKILL"'
on journalctl -u sqsherd -p warning -o cat --no-pager >"$SCRATCH/warnings"
like "$(cat "$SCRATCH/warnings")" '^\{.*"event":"child_exited"' \
	"which is a warning for the journal, too"
is "$(grep -c '"level":"info"' "$SCRATCH/warnings")" 0 "as no info is"
eventually 20 "it is replaced" is_ready 2
send hog
eventually 60 "a handler that runs out of memory is killed" \
	journal_has '"event":"message".*"signal":"SIGKILL"'
eventually 20 "its message is done later" queue_is deleted 2
is "$(property NRestarts) $(property MainPID)" "0 $main" \
	"nothing of this has stopped the service"

# ---- reload ----

on sed -i 's/^children = 2/children = 3/' /etc/sqsherd/sqsherd.conf
ok "systemctl reload" on systemctl reload sqsherd
eventually 20 "a third child is ready" is_ready 3
is "$(property ActiveState) $(property MainPID)" "active $main" \
	"by the same supervisor"
on sh -c 'echo nonsense = 1 >>/etc/sqsherd/sqsherd.conf'
on systemctl reload sqsherd >"$SCRATCH/reload" 2>&1
eventually 10 "a wrong file is reported" journal_has 'nonsense'
is "$(property ActiveState) $(property MainPID)" "active $main" \
	"and changes nothing"
on sed -i '/nonsense/d' /etc/sqsherd/sqsherd.conf

# ---- watchdog ----

on kill -STOP "$main"
eventually 30 "a supervisor that stands still is replaced" \
	property_is NRestarts 1
eventually 30 "by one that works" is_ready 3
send after
eventually 20 "which does messages" queue_is deleted 3

# ---- stop under load ----

send slow slow
eventually 20 "two jobs are in hand" queue_is in_flight 2
ok "systemctl stop" on systemctl stop sqsherd
is "$(queue_field deleted)" 5 "it has waited for them"
is "$(property Result) $(property ExecMainStatus)" "success 0" "exit 0"
is "$(property ActiveState)" inactive "it is not restarted"

# ---- an instance, with the strict drop-in ----

QUEUE=${QUEUE%/*}/mail
ok "systemctl start sqsherd@mail" on systemctl start sqsherd@mail
send facts
eventually 20 "it works another queue" queue_is deleted 1
eventually 10 "from a directory of its own" journal_has \
	'"line":"/var/lib/(private/)?sqsherd-mail"' sqsherd@mail
is "$(property ActiveState sqsherd@mail) $(property MemoryDenyWriteExecute sqsherd@mail)" \
	"active yes" "under the strict rules"
ok "systemctl stop sqsherd@mail" on systemctl stop sqsherd@mail
is "$(property Result sqsherd@mail)" success "it ends well"

if [ "$FAILED" -gt 0 ]; then
	on journalctl --no-pager -o short-monotonic >"$SCRATCH/journal"
fi
docker stop -t 20 machine >/dev/null
stop_docker
done_testing
