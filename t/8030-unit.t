#!/bin/sh
# The systemd unit says what the supervisor relies on, and systemd agrees with
# every line of it.
. "$(dirname "$0")/lib.sh"

source=etc/sqsherd.service
root=$SCRATCH/root
unit=$root/usr/lib/systemd/system/sqsherd.service

# The values of a key, a line each.
setting() {
	sed -n "s/^$1=//p" "$source"
}

is "$(setting Type)" notify "a start is over when the children are ready"
is "$(setting NotifyAccess)" main "only the supervisor speaks to systemd"
is "$(setting KillMode)" mixed \
	"SIGTERM reaches the supervisor alone, SIGKILL all"
is "$(setting OOMPolicy)" continue \
	"a handler that runs out of memory does not stop the rest"
is "$(setting Restart)" on-failure "a crash loop is tried again"
is "$(setting RestartPreventExitStatus)" "64 78" \
	"wrong options and settings are not"
is "$(setting StartLimitIntervalSec)" 0 "systemd never gives up"
like "$(setting WatchdogSec)" '^[1-9][0-9]*$' "the supervisor is watched"
is "$(setting EnvironmentFile)" "-/etc/sqsherd/sqsherd.env" \
	"the environment file may be missing"
is_empty "$(setting MemoryDenyWriteExecute)" \
	"handlers may compile at run time"
is "$(setting NoNewPrivileges)" yes "handlers gain no privilege"
is "$(setting ProtectSystem)" strict "handlers cannot write to the system"

# The comment in the unit, held.
grace=$("$BUILD/sqsherd" --help-settings 2>/dev/null |
	sed -n 's/^grace_timeout = \([0-9]*\)s$/\1/p')
ok "systemd waits longer than grace_timeout before it kills" \
	test "$(setting TimeoutStopSec)" -gt "${grace:-999}"

if ! command -v systemd-analyze >/dev/null; then
	skip "systemd accepts the unit" "there is no systemd-analyze"
	done_testing
fi

mkdir -p "$root/usr/sbin" "${unit%/*}"
sed 's|@PREFIX@|/usr|g' "$source" >"$unit"
cp "$BUILD/sqsherd" "$root/usr/sbin/sqsherd"
mkdir -p "$root/bin"
cp /bin/kill "$root/bin/kill"

# Without --recursive-errors it would only warn of a key that it ignores.
verify() {
	systemd-analyze verify --man=no --recursive-errors=no \
		--root="$root" sqsherd.service
}

ok "systemd accepts the unit" verify
echo "NoSuchSetting=yes" >>"$unit"
refuses 1 "systemd would have refused a misspelt setting" verify

# ---- how much it exposes, with and without the strict drop-in ----

# exposure THRESHOLD FILE: in tenths
exposure() {
	systemd-analyze security --offline=true --threshold="$1" "$2"
}
sed "s|@PREFIX@|$root/usr|g" "$source" >"$SCRATCH/sqsherd.service"
ok "its exposure is at most 1.7 of 10" exposure 17 "$SCRATCH/sqsherd.service"
mkdir "$SCRATCH/strict"
sed '/^\[Install\]/,$d' "$SCRATCH/sqsherd.service" \
	>"$SCRATCH/strict/sqsherd.service"
sed '1,/^\[Service\]/d' etc/strict.conf >>"$SCRATCH/strict/sqsherd.service"
ok "with strict.conf at most 1.5" exposure 15 "$SCRATCH/strict/sqsherd.service"

# ---- the instance unit ----

unset MAKEFLAGS MFLAGS MAKELEVEL
ok "make install" make -s -o all BUILD="${BUILD#"$ROOT"/}" \
	DESTDIR="$SCRATCH/installed" PREFIX=/usr install
units=$SCRATCH/installed/usr/lib/systemd/system
is "$(diff "$units/sqsherd.service" "$units/sqsherd@.service" |
	sed -n 's/^> //p' | grep -v ^Runtime)" "Description=Prefork worker supervisor for Amazon SQS (%i)
EnvironmentFile=-/etc/sqsherd/%i.env
ExecStart=/usr/sbin/sqsherd -c /etc/sqsherd/%i.conf
StateDirectory=sqsherd-%i
WorkingDirectory=%S/sqsherd-%i" "an instance has files and directories of its own"
cp "$units/sqsherd@.service" "$root/usr/lib/systemd/system/sqsherd@mail.service"
verify_instance() {
	systemd-analyze verify --man=no --recursive-errors=no \
		--root="$root" sqsherd@mail.service
}
ok "systemd accepts it" verify_instance

done_testing
