#!/bin/sh
# make install puts exactly these files under DESTDIR, and uninstall takes
# every one of them away.
. "$(dirname "$0")/lib.sh"

destdir=$SCRATCH/root
build=${BUILD#"$ROOT"/}

# What make itself says to its sub-makes would turn this one into one of them.
unset MAKEFLAGS MFLAGS MAKELEVEL

# Nothing is rebuilt (-o all): other tests are running these programs.
install_to() {
	make -s -o all BUILD="$build" DESTDIR="$destdir" "$@"
}

installed() {
	(cd "$destdir" && find . ! -type d | sed 's|^\./||' | LC_ALL=C sort)
}

mode_of() {
	stat -c %a "$destdir/$1"
}

[ -x "$BUILD/sqsherd" ] || bail "$BUILD/sqsherd is not built"

ok "make install succeeds" install_to install PREFIX=/usr
is "$(installed)" "usr/bin/sqs-e2e
usr/bin/sqs-send
usr/bin/sqsherdctl
usr/lib/systemd/system/sqsherd.service
usr/lib/systemd/system/sqsherd@.service
usr/sbin/sqsherd
usr/share/doc/sqsherd/CHANGELOG.md
usr/share/doc/sqsherd/LICENSE
usr/share/doc/sqsherd/README.md
usr/share/doc/sqsherd/SECURITY.md
usr/share/doc/sqsherd/sqsherd.conf
usr/share/doc/sqsherd/sqsherd.env
usr/share/doc/sqsherd/strict.conf
usr/share/man/man1/sqs-e2e.1
usr/share/man/man1/sqs-send.1
usr/share/man/man1/sqsherdctl.1
usr/share/man/man5/sqsherd.conf.5
usr/share/man/man8/sqsherd.8" "exactly the expected files are installed"

for program in usr/sbin/sqsherd usr/bin/sqsherdctl usr/bin/sqs-send \
	usr/bin/sqs-e2e; do
	is "$(mode_of $program)" 755 "$program may be run by everybody"
done
is "$(cd "$destdir" && find . -type f -perm /111 | wc -l)" 4 \
	"no other file is executable"
is "$(cd "$destdir" && find . -perm /022 ! -type l | wc -l)" 0 \
	"nothing is writable for others"

ok "the installed sqsherd runs" "$destdir/usr/sbin/sqsherd" --version
unit=$destdir/usr/lib/systemd/system/sqsherd.service
is "$(sed -n 's/^ExecStart=//p' "$unit")" \
	"/usr/sbin/sqsherd -c /etc/sqsherd/sqsherd.conf" \
	"the unit starts the program where it was installed"
is "$(grep -c '@[A-Z]*@' "$unit")" 0 "no placeholder is left in the unit"

ok "make uninstall succeeds" install_to uninstall PREFIX=/usr
is_empty "$(installed)" "uninstall leaves no file"

rm -rf "$destdir"
ok "make install needs no PREFIX" install_to install
like "$(installed)" '^usr/local/sbin/sqsherd$' \
	"the default prefix is /usr/local"
ok "make uninstall needs none either" install_to uninstall
is_empty "$(installed)" "it leaves no file there"

done_testing
