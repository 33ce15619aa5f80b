#!/bin/sh
# The directories are layers, and common/ has floors: a file may include
# headers of its own floor and those below.  common/banned.h is allowed
# everywhere.  Prints each include that reaches up and exits 1.
set -eu
cd "$(dirname "$0")/../.."

floor() {
	case $1 in
	common/log.* | common/log_*.* | common/error.* | \
		common/buf.* | common/clock.* | common/xalloc.* | \
		common/exitcode.* | common/file.* | common/plain.* | \
		common/cgroup.* | common/loopback.* | common/oom.* | common/proc.* | \
		common/terminal.* | common/banned.*) echo 0 ;;
	common/settings*.* | common/json.* | common/xml.* | common/spawn.* | \
		common/base64.* | common/message_attributes.* | \
		common/s3_pointer.* | common/profile*.* | common/backoff.* | common/grace.* | \
		common/scoreboard.* | common/histogram.* | \
		common/metrics.* | common/emf.* | common/listen.* | \
		common/control_path.* | common/limits.* | common/sandbox.* | common/program*.*) echo 1 ;;
	common/http*.* | common/sigv4.* | common/endpoint.* | \
		common/aws_error.* | common/sts.* | common/credentials*.*) echo 2 ;;
	common/aws*.* | common/sqs.* | common/message.* | common/s3.* | common/client.* | \
		common/sns.* | common/ecs.* | common/logs.*) echo 3 ;;
	common/*) echo unknown ;;
	child/child.h) echo 4 ;;
	child/*) echo 5 ;;
	supervisor/*) echo 6 ;;
	esac
}

bad=0
for file in common/*.[ch] child/*.[ch] supervisor/*.[ch]; do
	own=$(floor "$file")
	if [ "$own" = unknown ]; then
		echo "$file: has no floor; give it one in t/lint/floors.sh" >&2
		bad=1
		continue
	fi
	# shellcheck disable=SC2013 # names without spaces
	for header in $(sed -n 's|^#include "\([a-z]*/[a-z0-9_]*\.h\)".*|\1|p' "$file"); do
		other=$(floor "$header")
		# The supervisor knows of child/ only its contract.
		if [ "$own" = 6 ] && [ "$other" = 5 ] || [ "$other" -gt "$own" ]; then
			echo "$file: must not include $header" >&2
			bad=1
		fi
	done
done
exit $bad
