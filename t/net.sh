# shellcheck shell=sh
# Sourced before t/lib.sh: begins the test again in a network and with mounts of
# its own, which takes root.  NET_IS_OWN is empty where that is not permitted,
# and where there are no files that the test can mount its own over.

if [ -z "${NET_IS_OWN-}" ] && [ -e /etc/hosts ] && [ -e /etc/nsswitch.conf ] &&
	[ -e /etc/resolv.conf ] && unshare --net --mount ip link set lo up 2>/dev/null; then
	NET_IS_OWN=yes exec unshare --net --mount \
		sh -c 'ip link set lo up && exec sh "$@"' "$0" "$0" "$@"
fi
