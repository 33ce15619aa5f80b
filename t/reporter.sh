# shellcheck shell=sh
# Sourced by the tests of the reporter, after t/lib.sh.
#
#	$SCRATCH/handler	one that for a body "hold" waits for $SCRATCH/go
#	reporter		its pid, if there is one

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
