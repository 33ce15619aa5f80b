#!/bin/sh
# The documents say what is so: the commands and the handler of the README run
# as they are written there, each path and each link leads somewhere, and what
# the manual pages list is listed nowhere else.
. "$(dirname "$0")/lib.sh"

documents=$(ls -- *.md */*.md)

# section NAME [FILE]: the lines below "## NAME", up to the next.
section() {
	awk -v head="## $1" '/^## / { here = ($0 == head); next } here' \
		"${2:-$ROOT/README.md}"
}
# commands: the indented lines of what is read.
commands() {
	sed -n 's/^    //p'
}
# nothing NAME COMMAND...: passes if the command prints nothing.
nothing() {
	name=$1
	shift
	is_empty "$("$@")" "$name"
}

# ---- size and repetition ----

ok "the README has at most 250 lines" test "$(wc -l <README.md)" -le 250

# known: what the manual pages list, by the program's own word.
known_settings() {
	"$BUILD/sqsherd" --help-settings | sed -n 's/^\([a-z0-9_]*\) = .*/\1/p'
}
known_metrics() {
	"$BUILD/sqsherd" --help-metrics | grep -oE '^ *sqsherd_[a-z_]+'
}
known_statuses() {
	sed -n 's/.*EXITCODE_[A-Z]* = \([0-9]*\).*/\1/p' common/base/exitcode.h
}
# rows KIND FILE: how many of them begin a row of a table there.
rows() {
	"known_$1" | tr -d ' ' | while read -r word; do
		grep -E "^\| *\`?$word\`? *(\||,)" "$2"
	done | sort -u | wc -l
}
for kind in settings metrics statuses; do
	ok "there are $kind" test "$("known_$kind" | wc -l)" -ge 6
	for document in $documents; do
		# Two exit statuses of handlers are sqsherd's as well: 0 and 75.
		ok "$document has no table of the $kind" \
			test "$(rows "$kind" "$document")" -le 2
	done
done

# ---- paths and links ----

# A path: in backquotes, below a folder of the tree, without a pattern or a
# word such as STEM that stands for others.
dead_paths() {
	folders='common|child|supervisor|tools|etc|t|terraform|\.ci'
	for document in $documents; do
		[ "$document" != CHANGELOG.md ] || continue
		grep -oE "\`($folders)/[A-Za-z0-9_./-]*\`" "$document" |
			tr -d '\140' | grep -Ev 'STEM|NNNN' |
			while read -r path; do
				[ -e "$path" ] || echo "$document: $path"
			done
	done
}
dead_links() {
	for document in $documents; do
		grep -oE '\]\([^)]*\)' "$document" | sed 's/^](\(.*\))$/\1/' |
			grep -v '^https://' | while read -r link; do
			[ -e "$(dirname "$document")/${link%%#*}" ] ||
				echo "$document: $link"
		done
	done
}
ok "the README names files" \
	test "$(grep -oE '`(child|common|supervisor)/[^`]*`' README.md | wc -l)" \
	-ge 20
nothing "each path that the documents name exists" dead_paths
nothing "each link leads to a file" dead_links
nothing "each manual page is linked to" sh -c '
	for page in supervisor/*.8 etc/*.5 tools/*.1; do
		grep -Fq "($page)" README.md || echo "$page"
	done'

# ---- make ----

unknown_targets() {
	cat -- README.md CONTRIBUTING.md */README.md |
		grep -oE '(`|&& |^    )make( [a-z-]+)?( |`|$)' |
		sed -n 's/.*make \([a-z-]*\).*/\1/p' | sort -u |
		while read -r target; do
			grep -q "^$target:" Makefile || echo "$target"
		done
}
nothing "make knows each target that the documents name" unknown_targets

# ---- dependencies ----

# The name of a library, without "lib" and what follows a hyphen.
unnamed_libraries() {
	sed -n '/^PKGS :=/,/[^\\]$/p' Makefile | grep -oE '[a-z-]{3,}' |
		sed 's/-.*//; s/^lib//' | while read -r library; do
		section "Dependencies" | grep -q "^| .*$library.* |" ||
			echo "$library"
	done
}
nothing "the README says what each library is for" unnamed_libraries

# ---- the commands ----

# What `make demo` runs, once all is built.
demo() {
	tools/demo >"$SCRATCH/demo.out" 2>&1
}
ok "the demo ends well" demo
like "$(tail -1 "$SCRATCH/demo.out")" '^They agree' "and its ledger agrees"

start_fake
# The queue of the README, at a server of ours.
export AWS_ENDPOINT_URL_SQS="$FAKE"
export PATH="$BUILD:$PATH"
dead=$(sqs CreateQueue '{"QueueName":"dead"}' | jq -r .QueueUrl)
# A poison message would come back for ever: the second receive is the last.
new_queue jobs "\"VisibilityTimeout\":\"60\",\"RedrivePolicy\":\"{\\\"deadLetterTargetArn\\\":\\\"arn:aws:sqs:us-east-1:000000000000:${dead##*/}\\\",\\\"maxReceiveCount\\\":1}\""

sed -n '1,/^## /p' README.md | commands >"$SCRATCH/first"
ok "the first command is there" grep -q sqsherd "$SCRATCH/first"
printf '#!/bin/sh\necho "resized $(cat)"\n' >"$SCRATCH/resize-image"
chmod +x "$SCRATCH/resize-image"
new_log
(
	cd "$SCRATCH" || exit 1
	# Without a shell that waits for it.
	exec env SQSHERD_WAIT_TIME=1 SQSHERD_LOG_FORMAT=json \
		sh -c "exec env $(cat "$SCRATCH/first")"
) 2>>"$SCRATCH/log" &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
eventually 20 "the first command starts eight children" child_count_is 8
send cat.png
eventually 20 "it works a message" logged '"line":"resized cat.png"'

section "Running it" | commands >"$SCRATCH/asked"
ok "the README shows sqsherdctl" grep -q '^sqsherdctl ' "$SCRATCH/asked"
while read -r command; do
	case $command in
	*drain) continue ;;
	esac
	ok "$command" sh -c "$command"
done <"$SCRATCH/asked"
ok "sqsherdctl drain" sh -c "$(grep 'drain$' "$SCRATCH/asked")"
wait_sqsherd
is "$STATUS" 0 "and it ends"

# ---- the handler ----

# example LANGUAGE: the first fenced block of it under "Writing a handler".
example() {
	section "Writing a handler" | awk -v fence="\`\`\`$1" '
		$0 == fence { inside = 1; next }
		inside && /^```$/ { exit }
		inside'
}
# worked BODY VERDICT NAME: of the message with that body.
worked() {
	send "$1"
	worked_id=$(cat "$SCRATCH/last_id")
	eventually 20 "$3" logged \
		"\"event\":\"message\".*\"id\":\"$worked_id\".*\"verdict\":\"$2\""
}
example python >"$SCRATCH/handler"
chmod +x "$SCRATCH/handler"
start_sqsherd -j 1 -- "$SCRATCH/handler"
worked '{"name":"world"}' "done" "a JSON object is a job"
ok "and is greeted" logged 'handler_output.*"line":"hello world, attempt 1"'
worked 'world' reject "anything else is rejected"
stop_sqsherd
done_testing
