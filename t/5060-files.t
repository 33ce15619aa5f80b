#!/bin/sh
# Files that a person names are read without ever waiting for one: a FIFO, a
# directory, a device without end and a file that is too large are refused at
# once, with the reason, and SIGTERM is heard.
. "$(dirname "$0")/lib.sh"

mkfifo "$SCRATCH/fifo"
mkdir "$SCRATCH/directory"
# It has a size, but no blocks.
truncate -s 1G "$SCRATCH/huge"
start_fake
new_queue jobs
sqsherd=$BUILD/sqsherd

# A hang would end with 124.
settings_refused() {
	refuses 78 "$1 as a settings file is refused" \
		timeout 60 "$sqsherd" -n -q "$QUEUE" -c "$2" -- true
	like "$(cat "$SCRATCH/err")" "$3" "and the reason is told"
}
settings_refused "a FIFO" "$SCRATCH/fifo" 'not a regular file.*fifo'
settings_refused "a directory" "$SCRATCH/directory" 'Is a directory.*directory'
settings_refused "a device without end" /dev/zero 'not a regular file.*zero'
settings_refused "a huge file" "$SCRATCH/huge" 'is larger than.*huge'
refuses 0 "/dev/null is an empty settings file" \
	timeout 60 "$sqsherd" -n -q "$QUEUE" -c /dev/null -- true
refuses 78 "a start is refused as well" \
	timeout 60 "$sqsherd" -q "$QUEUE" -c "$SCRATCH/fifo" -- true

# A settings file that becomes a FIFO is a reload that fails.
: >"$SCRATCH/conf"
start_sqsherd -j 1 -c "$SCRATCH/conf" -- true
eventually 20 "a child polls" fake '/_wait?cond=polling&value=1'
rm "$SCRATCH/conf"
mkfifo "$SCRATCH/conf"
signal HUP "$SQSHERD"
eventually 20 "a FIFO at a reload is refused" logged 'not a regular file'
stop_sqsherd
is "$STATUS" 0 "and the supervisor goes on until it is stopped"

# told WHAT VARIABLE=VALUE... : the four files one after the other, each by a
# sqsherd that says so and ends when it is told to.
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
export HOME="$SCRATCH/directory"
endpoint=$FAKE
told() {
	what=$1 variable=$2
	shift 2
	for kind in fifo:'not a regular file' directory:'Is a directory' \
		zero:'not a regular file' huge:'File too large'; do
		file=$SCRATCH/${kind%%:*}
		[ "$file" != "$SCRATCH/zero" ] || file=/dev/zero
		env "$variable=$file" "$@" "$sqsherd" -j 1 -q "$QUEUE" \
			-o log_format=json -o endpoint_url="$endpoint" -- true \
			>"$SCRATCH/stdout" 2>"$SCRATCH/log" </dev/null &
		SQSHERD=$!
		PIDS="$PIDS $SQSHERD"
		eventually 20 "$what that is ${kind%%:*} is told" logged \
			"receive_failed.*cannot read .*'$file': ${kind#*:}"
		stop_sqsherd
		is "$STATUS" 0 "and sqsherd ends at once"
	done
}
told "a config file" AWS_CONFIG_FILE AWS_PROFILE=default
told "a credentials file" AWS_SHARED_CREDENTIALS_FILE AWS_PROFILE=default
told "a web identity token" AWS_WEB_IDENTITY_TOKEN_FILE \
	AWS_ROLE_ARN=arn:aws:iam::111122223333:role/pod \
	AWS_ENDPOINT_URL_STS="$FAKE/sts"
told "a container's token" AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE \
	AWS_CONTAINER_CREDENTIALS_FULL_URI="$FAKE/creds"
# Certificates are read once there is a connection, before a byte of TLS.
endpoint=https://127.0.0.1:$(cat "$SCRATCH/port")
told "a bundle of certificates" AWS_CA_BUNDLE AWS_ACCESS_KEY_ID=AKIDTEST \
	AWS_SECRET_ACCESS_KEY=secret
done_testing
