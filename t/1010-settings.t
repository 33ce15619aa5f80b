#!/bin/sh
# The command line: every mistake is named with its origin and exits as the
# manual says.
. "$(dirname "$0")/lib.sh"

sqsherd=$BUILD/sqsherd
url=https://sqs.eu-west-1.amazonaws.com/111122223333/jobs

refuses 0 "--version exits 0" "$sqsherd" --version
like "$(cat "$SCRATCH/out")" '^sqsherd [0-9]' "and prints it"
refuses 0 "--help exits 0" "$sqsherd" --help
like "$(cat "$SCRATCH/out")" 'usage: sqsherd' "and prints the usage"
refuses 64 "an unknown option exits 64" "$sqsherd" --nonsense
refuses 78 "no queue exits 78" "$sqsherd" -n -- /bin/true
like "$(cat "$SCRATCH/err")" 'SQS_QUEUE_URL' "and says what to set"
refuses 78 "no command exits 78" "$sqsherd" -n -q $url
like "$(cat "$SCRATCH/err")" 'command' "and says so"
refuses 0 "-n with good settings exits 0" "$sqsherd" -n -q $url -- /bin/true
SQS_QUEUE_URL=$url refuses 0 "SQS_QUEUE_URL alone with a command is enough" \
	"$sqsherd" -n -- true
refuses 78 "a handler that does not exist exits 78" \
	"$sqsherd" -n -q $url -- /no/such/handler
like "$(cat "$SCRATCH/err")" '/no/such/handler' "and is named"
printf 'x' >"$SCRATCH/plain"
refuses 78 "a handler that is not executable exits 78" \
	"$sqsherd" -q $url -- "$SCRATCH/plain"
like "$(cat "$SCRATCH/err")" 'plain' "and is named"

# wrong SETTING VALUE: refused from -o, the environment and the file, each
# with its origin.
wrong() {
	upper=$(printf '%s' "$1" | tr '[:lower:]' '[:upper:]')
	refuses 78 "-o $1=$2 is refused" \
		"$sqsherd" -n -q $url -o "$1=$2" -- true
	like "$(cat "$SCRATCH/err")" "$1.*\(-o $1\)" "naming -o $1"
	refuses 78 "SQSHERD_$upper=$2 is refused" \
		env "SQSHERD_$upper=$2" "$sqsherd" -n -q $url -- true
	like "$(cat "$SCRATCH/err")" "$1.*environment SQSHERD_$upper" \
		"naming the variable"
	printf '# a file\n%s = %s\n' "$1" "$2" >"$SCRATCH/conf"
	refuses 78 "$1 = $2 in a file is refused" \
		"$sqsherd" -n -q $url -c "$SCRATCH/conf" -- true
	like "$(cat "$SCRATCH/err")" "$1.*conf:2" "naming file and line"
}
wrong children many
wrong children -1
wrong children 1001
wrong visibility_timeout 13h
wrong visibility_timeout 1.5s
wrong wait_time 21
wrong receive_max 11
wrong grace_timeout never
wrong handler telepathy
wrong extend perhaps
wrong log_format xml
wrong job_timeout 99x
refuses 78 "an unknown setting is refused" \
	"$sqsherd" -n -q $url -o childern=3 -- true
like "$(cat "$SCRATCH/err")" 'childern.*children' \
	"and the nearest is suggested"
refuses 78 "plain http to another host is refused" \
	"$sqsherd" -n -q http://sqs.example:99/1/jobs -o region=eu-west-1 -- true
like "$(cat "$SCRATCH/err")" 'allow_http' "and the cure is named"

# precedence
printf 'children = 2\nvisibility_timeout = 90\n' >"$SCRATCH/conf"
setting() {
	"$sqsherd" --print -q $url -c "$SCRATCH/conf" "$@" -- true |
		sed -n 's/^\(children\|visibility_timeout\) *= *//p' | tr -s ' \n' ' '
}
like "$(setting)" '2 # .*conf:1 90s? # .*conf:2' \
	"--print shows values of a file with their lines"
like "$(SQSHERD_CHILDREN=3 setting)" '^3 # environment SQSHERD_CHILDREN' \
	"the environment beats the file"
like "$(SQSHERD_CHILDREN=3 setting -o children=4)" '^4 # -o' \
	"-o beats the environment"
printf '[queue a]\nqueue_url = %s\ncommand = true\n' $url >"$SCRATCH/conf"
refuses 0 "a file with a queue section is enough" \
	"$sqsherd" -n -c "$SCRATCH/conf"
refuses 78 "-q beside sections is refused" \
	"$sqsherd" -n -c "$SCRATCH/conf" -q $url
refuses 78 "a missing file is refused" "$sqsherd" -n -c "$SCRATCH/none"
like "$(cat "$SCRATCH/err")" 'none' "and is named"
done_testing
