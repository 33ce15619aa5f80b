# shellcheck shell=sh
# Sourced by the tests of the reporter, after t/lib.sh.
#
#	$SCRATCH/handler	one that for a body "hold" waits for $SCRATCH/go
#	reporter		its pid, if there is one
#	start_agent		the ECS agent of $SCRATCH/agent, at $agent

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
case $(cat) in
hold) while [ ! -e "$SCRATCH/go" ]; do sleep 0.05; done ;;
esac
EOF
chmod +x "$SCRATCH/handler"
export SCRATCH

reporter() {
	pgrep -P "$SQSHERD" -f '^sqsherd: reporter'
}

start_agent() {
	mkdir "$SCRATCH/agent"
	"$BUILD/t/ecsagent" -f "$SCRATCH/agent/port" "$SCRATCH/agent" &
	PIDS="$PIDS $!"
	within 10 test -s "$SCRATCH/agent/port" || bail "no agent"
	# shellcheck disable=SC2034 # for the tests
	agent=http://127.0.0.1:$(cat "$SCRATCH/agent/port")/api/0123
}
