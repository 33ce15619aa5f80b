#!/bin/sh
# As many children as a cgroup's CPU quota feeds, if nobody says how many.
. "$(dirname "$0")/lib.sh"

sqsherd=$BUILD/sqsherd
url=https://sqs.eu-west-1.amazonaws.com/111122223333/jobs
base=

# What this shell is in has a directory here, if one can be made below it.
find_base() {
	_path=$(sed -n 's/^[0-9]*:\(.*,\)*cpu\(,.*\)*:\(.*\)/\3/p' \
		/proc/self/cgroup)
	for _base in "/sys/fs/cgroup/cpu$_path" /sys/fs/cgroup/cpu \
		"/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)"; do
		if [ -e "$_base/cgroup.procs" ] &&
			mkdir "$_base/sqsherd-test-$$" 2>"$SCRATCH/mkdir"; then
			base=$_base/sqsherd-test-$$
			return
		fi
	done
}
# shellcheck disable=SC2317,SC2329 # called at the exit
remove_base() {
	[ -z "$base" ] || rmdir "$base/inner" "$base"
}
at_exit remove_base

# quota DIRECTORY MICROSECONDS: of each 100,000.
quota() {
	if [ -e "$1/cpu.max" ]; then
		echo "$2 100000" >"$1/cpu.max"
	else
		echo 100000 >"$1/cpu.cfs_period_us" &&
			echo "$2" >"$1/cpu.cfs_quota_us"
	fi
}
# children_in DIRECTORY: how many sqsherd would start there.
children_in() {
	sh -c 'echo 0 >"$1/cgroup.procs" && shift && exec "$@"' sh "$1" \
		"$sqsherd" --print -q "$url" -- true |
		sed -n 's/^children = \([0-9]*\) .*/\1/p'
}

cpus=$("$sqsherd" --print -q "$url" -- true |
	sed -n 's/^children = \([0-9]*\) .*/\1/p')
ok "there is a child for each CPU: $cpus" [ "$cpus" -ge 1 ]
find_base
if [ -z "$base" ] || ! mkdir "$base/inner" 2>"$SCRATCH/mkdir" ||
	! quota "$base" 900000 2>"$SCRATCH/quota" ||
	! quota "$base/inner" 800000 2>"$SCRATCH/quota" ||
	[ -z "$(children_in "$base/inner" 2>"$SCRATCH/joined")" ]; then
	skip "a CPU quota counts" "no cgroup with a quota can be made here"
else
	is "$(children_in "$base/inner")" "$cpus" \
		"a quota of more than the CPUs changes nothing"
	quota "$base/inner" 25000 || bail "no quota"
	is "$(children_in "$base/inner")" 1 "a quarter of a CPU is one child"
	quota "$base/inner" 800000 || bail "no quota"
	is "$(children_in "$base/inner")" "$cpus" "without it there are all"
	quota "$base/inner" 50000 || bail "no quota"
	quota "$base" 50000 || bail "no quota"
	[ ! -e "$base/inner/cpu.max" ] || quota "$base/inner" 800000
	is "$(children_in "$base/inner")" 1 "a quota of an ancestor counts"
	is "$(sh -c 'echo 0 >"$1/cgroup.procs" && shift && exec "$@"' sh \
		"$base/inner" "$sqsherd" --print -j 5 -q "$url" -- true |
		sed -n 's/^children = \([0-9]*\) .*/\1/p')" 5 \
		"what somebody says holds"
fi
done_testing
