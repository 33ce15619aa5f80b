#!/bin/sh
# AWS's shared files: what is no file is as good as absent, and a line that is
# wrong is the fault of its profile alone.  Others are warned of, once.
. "$(dirname "$0")/lib.sh"

start_fake
new_queue jobs
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
export HOME="$SCRATCH" AWS_CONTAINER_CREDENTIALS_FULL_URI="$FAKE/creds"
mkdir "$SCRATCH/.aws"
config() {
	cat >"$SCRATCH/.aws/config"
}
number=0
works() {
	number=$((number + 1))
	send "message $number"
	eventually 20 "$1" queue_is deleted "$number"
}
warned() {
	is "$(grep '"profile_doubtful"' "$SCRATCH/log" | jq -r .msg)" "$1" "$2"
}
# of SOURCE: the key that the last delete was signed with.
signed_by() {
	like "$(fake '/_calls?since=0' | jq -r '[.[] |
		select(.op == "DeleteMessageBatch")] | last | .key_id')" \
		"$1" "$2"
}

# -- docker -v FILE:FILE, and there is no such file
mkdir "$SCRATCH/.aws/credentials"
start_sqsherd -j 3 -- /bin/true
works "with a directory for a credentials file the role is asked"
signed_by '^AKIDFAKE' "and signs"
warned "cannot read file '$SCRATCH/.aws/credentials': Is a directory" \
	"which is warned of once, for three children"
signal HUP "$SQSHERD"
eventually 20 "a reload warns again" sh -c \
	"[ \$(grep -c profile_doubtful '$SCRATCH/log') -eq 2 ]"
stop_sqsherd
rmdir "$SCRATCH/.aws/credentials"
mkdir "$SCRATCH/elsewhere"
AWS_SHARED_CREDENTIALS_FILE="$SCRATCH/elsewhere" start_sqsherd -j 1 -- /bin/true
works "so it is when a variable names it"
stop_sqsherd
AWS_PROFILE=work AWS_SHARED_CREDENTIALS_FILE="$SCRATCH/elsewhere" \
	start_sqsherd -j 1 -- /bin/true
eventually 20 "but no role stands in for a profile that was chosen" logged \
	"receive_failed.*profile 'work' does not exist: cannot read file"
stop_sqsherd

# -- others' sections
config <<-EOF2
	  [profile other]
	  region = eu-west-1
	  credential_process
	[profile more
EOF2
start_sqsherd -j 3 -- /bin/true
works "with faults in other profiles the role is asked"
signed_by '^AKIDFAKE' "and signs"
warned "config file, line 3: expected a property definition, found continuation" \
	"the first fault is warned of once"
stop_sqsherd
refuses 0 "-n says so, too" "$BUILD/sqsherd" -n -q "$QUEUE" -- true
like "$(cat "$SCRATCH/err")" 'config file, line 3: expected' "with the line"
AWS_PROFILE=other start_sqsherd -j 1 -- /bin/true
eventually 20 "whoever asks for such a profile is refused" logged \
	'receive_failed.*config file, line 3: expected a property'
stop_sqsherd
AWS_PROFILE='more' start_sqsherd -j 1 -- /bin/true
eventually 20 "a header without an end has a name all the same" logged \
	"receive_failed.*config file, line 4: profile definition must end"
stop_sqsherd
printf '[default]\nregion = eu-west-1\nnonsense\n' | config
start_sqsherd -j 1 -- /bin/true
eventually 20 "nor does a role stand in for a default profile with a fault" \
	logged 'receive_failed.*config file, line 3: expected an .=. sign'
stop_sqsherd

# -- variables in the files' names
rm "$SCRATCH/.aws/config"
printf '[default]\naws_access_key_id=AKIDNAMED\naws_secret_access_key=x\n' \
	>"$SCRATCH/.aws/named"
# shellcheck disable=SC2088 # these are not for the shell
for path in "~/.aws/named" "\$HOME/.aws/named" "\${HOME}/.aws/\$FILE"; do
	FILE=named AWS_SHARED_CREDENTIALS_FILE=$path start_sqsherd -j 1 \
		-- /bin/true
	works "$path is a file"
	signed_by '^AKIDNAMED$' "whose keys sign"
	stop_sqsherd
done
ok "no process is left" no_survivor
done_testing
