#!/bin/sh
# The image, built and driven by a real Docker daemon: small, without root and
# with nothing to write to, PID 1, drained by `docker stop`.
. "$(dirname "$0")/lib.sh"
. t/docker.sh

start_docker
debian_tar base
docker import -c 'CMD ["bash"]' "$TAR" debian:bookworm-slim \
	>"$SCRATCH/import" 2>&1 || bail "cannot import Debian"

mkdir "$SCRATCH/user"
cat >"$SCRATCH/user/handler" <<'EOF'
#!/bin/sh
# What fails, fails once.
[ "$SQS_RECEIVE_COUNT" -eq 1 ] || exit 0
case $(cat) in
uid) exec id -u ;;
slow) sleep 2 ;;
hog) exec tail /dev/zero ;;
orphan) setsid sleep 599 & ;;
write) touch /written ;;
esac
EOF
cat >"$SCRATCH/user/Dockerfile" <<'EOF'
FROM sqsherd
COPY --chmod=755 handler /usr/local/bin/
CMD ["--", "/usr/local/bin/handler"]
EOF
build() {
	DOCKER_BUILDKIT=1 docker build --network host --progress plain "$@"
}
ok "the image is built" build --build-arg VERSION=1.2.3 \
	--build-arg SOURCE_DATE_EPOCH=1700000000 -t sqsherd .
ok "a user's image is built on top of it" build -t jobs "$SCRATCH/user"

# ---- what it is ----

size() {
	inspect "$1" '{{.Size}}'
}
added=$(($(size sqsherd) - $(size debian:bookworm-slim)))
echo "# $(($(size sqsherd) / 1000000)) MB, $((added / 1000)) kB above Debian"
ok "it adds less than 20 MB to Debian" test $added -lt 20000000
is "$(inspect sqsherd '{{index .Config.Labels "org.opencontainers.image.version"}}')" \
	1.2.3 "a label has the version"
is "$(inspect sqsherd '{{.Config.User}}')" 10001:10001 "it is not root's"
is "$(inspect sqsherd '{{json .Config.Entrypoint}}')" \
	'["/usr/sbin/sqsherd"]' "no shell is between"
run() {
	docker run --rm --network none --read-only --entrypoint "$@"
}
is "$(run /usr/bin/stat sqsherd -c %Y /usr/sbin/sqsherd)" 1700000000 \
	"the program has the date of the source"
is "$(run /usr/bin/find sqsherd /usr/bin /usr/sbin -newermt @1699999999 \
	! -newermt @1700000000 -type f -printf '%f ' 2>/dev/null |
	tr ' ' '\n' | sort | tr '\n' ' ')" \
	"sqs-e2e sqs-send sqsherd sqsherdctl " "it has sqsherd's programs"
refuses 78 "without a handler it says so" docker run --rm --network none \
	-e SQS_QUEUE_URL=http://127.0.0.1/1/jobs sqsherd

# ---- at work ----

start_fake
new_queue jobs '"VisibilityTimeout":"60"'
start_container() {
	name=$1
	shift
	run_container "$name" --network host --cap-drop ALL \
		--security-opt no-new-privileges --memory 96m --pids-limit 64 \
		--health-interval 1s --health-start-period 1s \
		-e AWS_ACCESS_KEY_ID -e AWS_SECRET_ACCESS_KEY \
		-e "SQS_QUEUE_URL=$QUEUE" -e SQSHERD_CHILDREN=2 \
		-e SQSHERD_WAIT_TIME=2 -e SQSHERD_RETRY_BASE=0 \
		-e AWS_EC2_METADATA_DISABLED=true "$@" jobs
}
log_has() {
	docker logs "$container" 2>&1 | grep -Eq -e "$1"
}
field_is() {
	[ "$(inspect "$container" "$1")" = "$2" ]
}

start_container strict --read-only
send uid
eventually 30 "a message is done, on a read-only root" queue_is deleted 1
eventually 5 "by user 10001" log_has '"line":"10001"'
is "$(docker exec strict cat /proc/1/comm)" sqsherd "sqsherd is PID 1"
is "$(docker exec strict grep -E '^CapEff' /proc/1/status | tr -s '\t' ' ')" \
	"CapEff: 0000000000000000" "it has no capability"
eventually 20 "the health check is green" \
	field_is '{{.State.Health.Status}}' healthy
send write
eventually 10 "a handler cannot write to the root" \
	log_has 'Read-only file system'
send orphan
no_zombie() {
	! docker exec strict sh -c 'cat /proc/[0-9]*/stat' | grep -q ') Z '
}
eventually 10 "and all else is done" queue_is deleted 3
eventually 10 "what handlers leave behind is reaped" no_zombie
docker stop -t 60 strict >/dev/null
is "$(inspect strict '{{.State.ExitCode}}')" 0 "docker stop: exit 0"

# A root that could be written to is not.
new_queue more '"VisibilityTimeout":"60"'
start_container lax
send hog
eventually 60 "a handler that runs out of memory is killed" \
	log_has '"event":"message".*"signal":"SIGKILL"'
is "$(inspect lax '{{.State.Running}} {{.RestartCount}}')" "true 0" \
	"the container lives on"
eventually 10 "it is retried" queue_is deleted 1
is_empty "$(docker diff lax)" "nothing was written to the root"
send slow
eventually 20 "a job is in hand" queue_is in_flight 1
docker stop -t 60 lax >/dev/null
is "$(inspect lax '{{.State.ExitCode}}')" 0 "docker stop waits for it: exit 0"
is "$(queue_field in_flight)" 0 "nothing is in hand"
ok "it was done" log_has '"event":"message".*"outcome":"deleted"'

stop_docker
done_testing
