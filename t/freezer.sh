# shellcheck shell=sh
# Sourced by tests of children that not even SIGKILL ends, as in a disk or NFS
# server that is gone.  What stands in for it is a freezer of cgroup version 1:
# SIGKILL waits until it is thawed.  Where there is none the test is skipped.
#
#	freeze PID GROUP	GROUP is 1 or 2
#	thaw GROUP

[ "$(id -u)" -eq 0 ] || skip_all "row 27: needs root for a cgroup"
freezer=$(awk '$3 == "cgroup" && $4 ~ /(^|,)freezer(,|$)/ { print $2; exit }' \
	/proc/mounts)
# shellcheck disable=SC2317,SC2329 # called by the trap
thaw_all() {
	for _group in "$freezer/sqsherd-test-$$"-*; do
		echo THAWED >"$_group/freezer.state"
		_tries=0
		until rmdir "$_group" || [ $((_tries += 1)) -gt 50 ]; do
			sleep 0.05
		done
	done 2>/dev/null
	[ "$mounted" = no ] || umount "$freezer"
}
mounted=no
if [ -z "$freezer" ]; then
	freezer=$SCRATCH/freezer
	mkdir "$freezer"
	mount -t cgroup -o freezer none "$freezer" 2>/dev/null || skip_all \
		"row 27: no freezer of cgroup version 1, and nothing else blocks so"
	mounted=yes
fi
trap 'thaw_all; cleanup' EXIT
mkdir "$freezer/sqsherd-test-$$-1" "$freezer/sqsherd-test-$$-2" 2>/dev/null ||
	skip_all "row 27: this machine gives no freezer"

# freeze PID GROUP
freeze() {
	echo "$1" >"$freezer/sqsherd-test-$$-$2/cgroup.procs" &&
		echo FROZEN >"$freezer/sqsherd-test-$$-$2/freezer.state"
}
thaw() {
	echo THAWED >"$freezer/sqsherd-test-$$-$1/freezer.state"
}
