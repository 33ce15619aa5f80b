# shellcheck shell=sh
# Sourced by the tests of the image and of systemd: a Docker daemon of their
# own, with Debian in it from this machine's package mirror.
#
#	start_docker		DOCKER_HOST; skips if no daemon can be started
#	debian_tar NAME [PACKAGE...]	TAR: a file of a minimal Debian
#	run_container NAME ARG...	docker run -d --name NAME ARG...
#	stop_docker		at the end of the test
#
# The daemon, not a client of the machine's own: a test must not see or touch
# anybody's containers.  The archives are kept for a week in
# ${XDG_CACHE_HOME:-/var/cache}/sqsherd-test, outside of the tree.

DOCKERD=

start_docker() {
	! is_sanitized ||
		skip_all "what is shipped has no sanitizers"
	[ "$(id -u)" -eq 0 ] || skip_all "needs root to start a Docker daemon"
	for program in dockerd /usr/bin/docker mmdebstrap; do
		command -v $program >/dev/null || skip_all \
			"there is no $program (tools/deps image installs it)"
	done
	# The path of a socket has 107 bytes at most.
	DOCKER_DIR=$(mktemp -d /tmp/sqsherd-d.XXXXXX)
	DOCKER_HOST=unix://$DOCKER_DIR/sock
	export DOCKER_HOST
	unset DOCKER_CONTEXT DOCKER_TLS_VERIFY
	setsid dockerd --data-root "$DOCKER_DIR/data" \
		--exec-root "$DOCKER_DIR/exec" --pidfile "$DOCKER_DIR/pid" \
		--bridge none --iptables=false \
		-H "$DOCKER_HOST" >"$SCRATCH/dockerd.log" 2>&1 </dev/null &
	DOCKERD=$!
	at_exit stop_docker
	within 60 docker version ||
		skip_all "dockerd does not start: $(tail -1 "$SCRATCH/dockerd.log")"
}

# Debian's client: another one on PATH may not have BuildKit.
docker() {
	/usr/bin/docker "$@"
}

stop_docker() {
	[ -n "$DOCKERD" ] || return 0
	docker ps -aq | xargs -r /usr/bin/docker rm -f >/dev/null 2>&1 ||
		: # what is left is below $DOCKER_DIR
	terminate "$DOCKERD"
	DOCKERD=
	umount "$DOCKER_DIR"/exec/netns/* "$DOCKER_DIR/data" 2>/dev/null ||
		: # not mounted
	rm -rf "$DOCKER_DIR"
}

debian_tar() {
	name=$1
	shift
	cache=${XDG_CACHE_HOME:-/var/cache}/sqsherd-test
	TAR=$cache/$name-$(echo "$*" | cksum | cut -d ' ' -f 1).tar
	mkdir -p "$cache"
	# Two tests may want the same one at the same time.
	exec 8>"$TAR.lock"
	flock 8
	[ -z "$(find "$TAR" -mtime +7 2>/dev/null)" ] || rm -f "$TAR"
	if [ ! -f "$TAR" ]; then
		echo "# making $TAR"
		# Debian's own python, which mmdebstrap calls for each package.
		PATH=/usr/sbin:/usr/bin:/sbin:/bin mmdebstrap --quiet --format=tar \
			--variant=minbase \
			--dpkgopt='path-exclude=/usr/share/doc/*' \
			--dpkgopt='path-exclude=/usr/share/man/*' \
			--dpkgopt='path-exclude=/usr/share/locale/*' \
			${1:+"--include=$(echo "$*" | tr ' ' ,)"} \
			bookworm "$TAR.new" >"$SCRATCH/mmdebstrap.log" 2>&1 \
			</dev/null ||
			skip_all "no Debian: $(grep . "$SCRATCH/mmdebstrap.log" |
				tail -1)"
		mv "$TAR.new" "$TAR"
	fi
	exec 8>&-
}

run_container() {
	container=$1
	shift
	docker run -d --name "$container" "$@" >"$SCRATCH/container" \
		2>"$SCRATCH/err" ||
		fail "$container starts" "$(cat "$SCRATCH/err")"
}

# inspect NAME FIELD...
inspect() {
	docker inspect "$1" --format "$2"
}
