# shellcheck shell=sh
# Sourced after t/lib.sh by tests of processes that not even SIGKILL ends, as in
# a disk or NFS server that is gone.  What stands in for it is a freezer of
# cgroup version 1: SIGKILL waits until it is thawed.
#
#	find_freezer		fails where there is none; WHY_NOT: the reason
#	freeze PID GROUP	GROUP is 1 or 2
#	thaw GROUP

# shellcheck disable=SC2317,SC2329 # called at the exit
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
find_freezer() {
	# shellcheck disable=SC2034 # for the tests
	WHY_NOT="a process that SIGKILL does not end needs a freezer of cgroup v1"
	[ "$(id -u)" -eq 0 ] || return 1
	freezer=$(awk '$3 == "cgroup" && $4 ~ /(^|,)freezer(,|$)/ {
		print $2; exit }' /proc/mounts)
	mounted=no
	if [ -z "$freezer" ]; then
		freezer=$SCRATCH/freezer
		mkdir "$freezer"
		mount -t cgroup -o freezer none "$freezer" 2>/dev/null ||
			return 1
		mounted=yes
	fi
	at_exit thaw_all
	mkdir "$freezer/sqsherd-test-$$-1" "$freezer/sqsherd-test-$$-2" \
		2>/dev/null
}

# freeze PID GROUP
freeze() {
	echo "$1" >"$freezer/sqsherd-test-$$-$2/cgroup.procs" &&
		echo FROZEN >"$freezer/sqsherd-test-$$-$2/freezer.state"
}
thaw() {
	echo THAWED >"$freezer/sqsherd-test-$$-$1/freezer.state"
}
