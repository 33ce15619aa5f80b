#!/bin/sh
# The manual pages know every setting, option, exit status, log event, metric
# and variable that the code knows, and no setting that it does not.
. "$(dirname "$0")/lib.sh"

conf5=etc/sqsherd.conf.5
conf=etc/sqsherd.conf
page8=supervisor/sqsherd.8
pages="$page8 $conf5 tools/sqs-send.1 tools/sqs-e2e.1 tools/sqsherdctl.1"

# nothing NAME COMMAND...: passes if the command prints nothing.
nothing() {
	name=$1
	shift
	is_empty "$("$@")" "$name"
}

# ---- settings ----

# A line a setting: name|default|allowed|its variables.
"$BUILD/sqsherd" --help-settings >"$SCRATCH/help"
awk '/^[a-z0-9_]+ = / { name = $1; default = $3; line = NR; next }
	name != "" && NR == line + 2 {
		sub(/^ */, "")
		allowed = variables = $0
		sub(/; [A-Z].*/, "", allowed)
		sub(/.*; /, "", variables)
		gsub(/,/, "", variables)
		print name "|" default "|" allowed "|" variables
	}' default=x "$SCRATCH/help" >"$SCRATCH/settings"

ok "sqsherd describes its settings" \
	test "$(wc -l <"$SCRATCH/settings")" -ge 20

# The text of a setting in sqsherd.conf(5).
entry() {
	awk -v head=".It Ic $1" '$0 == head { on = 1; next }
		/^\.(It Ic|El|Sh)/ { on = 0 } on' "$conf5"
}

not_in_conf5() {
	while IFS='|' read -r name default allowed variables; do
		text=$(entry "$name")
		[ -n "$text" ] || echo "$name"
		printf '%s\n' "$text" | grep -Fiq -e "$allowed, " ||
			echo "$name: $allowed"
		case $default in
		"(required)") default=required ;;
		"(not") default="not set by default" ;;
		*) default="default $default" ;;
		esac
		printf '%s\n' "$text" | grep -Fq -e ", $default." ||
			echo "$name: $default"
		for variable in $variables; do
			printf '%s\n' "$text" | grep -q "^\.Ev $variable [,.]" ||
				echo "$name: $variable"
		done
	done <"$SCRATCH/settings"
}

not_in_conf() {
	while IFS='|' read -r name default _; do
		case $default in
		"("*) grep -q "^#$name = ." "$conf" || echo "$name" ;;
		*) grep -q "^#$name = $default\$" "$conf" ||
			echo "$name = $default" ;;
		esac
	done <"$SCRATCH/settings"
}

unknown_settings() {
	{
		sed -n '/^\.Sh SETTINGS/,/^\.Sh CRED/s/^\.It Ic //p' "$conf5"
		sed -n 's/^#\([a-z0-9_]*\) = .*/\1/p' "$conf"
	} | while read -r name; do
		grep -q "^$name|" "$SCRATCH/settings" || echo "$name"
	done
}

nothing "sqsherd.conf(5) has each setting's default, bounds and variables" \
	not_in_conf5
nothing "etc/sqsherd.conf shows each setting with its default" not_in_conf
nothing "neither has a setting that does not exist" unknown_settings

# ---- exit statuses ----

sed -n 's/.*EXITCODE_[A-Z]* = \([0-9]*\).*/\1/p' common/base/exitcode.h |
	sort -n >"$SCRATCH/statuses"
ok "the exit statuses are known" test -s "$SCRATCH/statuses"
is "$(sed -n '/^\.Sh EXIT STATUS/,/^\.El/s/^\.It //p' "$page8" | sort -n)" \
	"$(cat "$SCRATCH/statuses")" "sqsherd(8) lists exactly these"

# ---- options ----

# options_of PROGRAM: "c" and "-print", a line each, as its --help has them.
options_of() {
	"$BUILD/$1" --help | sed -n 's/^ \{2,6\}-/-/p' |
		grep -oE '^-[A-Za-z-]+(, --[a-z-]+)?' | tr -d ' ' |
		tr ',' '\n' | sed 's/^-//' | sort -u
}

# options_in PAGE
options_in() {
	sed -n 's/^\.It Fl //p' "$1" | tr -d ' ' | sed 's/,/\n/' |
		sed 's/^\(-*[A-Za-z]\)A[rp].*/\1/; s/^\(-[a-z-]*\)A[rp].*/\1/' |
		sort -u
}

is "$(options_in "$page8")" "$(options_of sqsherd)" \
	"sqsherd(8) describes exactly the options of --help"
is "$(options_in tools/sqs-send.1)" "$(options_of sqs-send)" \
	"and so does sqs-send(1)"
is "$(options_in tools/sqs-e2e.1)" "$(options_of sqs-e2e)" \
	"and sqs-e2e(1)"
is "$(options_in tools/sqsherdctl.1)" "$(options_of sqsherdctl)" \
	"and sqsherdctl(1)"

commands_of_sqsherdctl() {
	"$BUILD/sqsherdctl" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | sort
}
is "$(sed -n '1,/^\.El/s/^\.It Cm \([a-z]*\).*/\1/p' tools/sqsherdctl.1)" \
	"$(commands_of_sqsherdctl)" \
	"sqsherdctl(1) describes exactly the commands of --help"

# ---- log events and variables ----

events() {
	find common child supervisor -name "*.c" -exec cat {} + | tr '\n\t' '  ' |
		grep -oE '(log_(debug|info|warn|error)\(|LOG_RECORD\([^"]*|log_record\([^"]*) *"[a-z_]+"' |
		sed 's/.*"\(.*\)"/\1/' | sort -u
}

documented_events() {
	sed -n '/^\.Sh LOG/,/^\.Sh ENV/{s/^\.It Cm //p; s/^\.Cm //p;}' \
		"$page8" | tr -d ',.' | tr -s ' ' '\n' | sort -u
}

documented_events >"$SCRATCH/documented"
ok "the log's events are known" test "$(events | wc -l)" -ge 30
is_empty "$(events | grep -Fvx -f "$SCRATCH/documented")" \
	"sqsherd(8) has every event of the log"

variables() {
	sed -n 's/.*put_\(fact\|number\)(e, "\([A-Z_]*\)".*/\2/p' \
		child/handler/exec_environment.c
}
undocumented_variables() {
	variables | while read -r name; do
		grep -q "^\.It Ev $name\$" "$page8" || echo "$name"
	done
}
ok "the handler's variables are known" test "$(variables | wc -l)" -ge 9
nothing "sqsherd(8) has each of them" undocumented_variables

# ---- metrics ----

# A line a metric: its two names, kind and help.
"$BUILD/sqsherd" --help-metrics | sed 's/ \{1,\}/|/; s/ \{1,\}/|/
	s/ \{1,\}/|/' >"$SCRATCH/metrics"
ok "sqsherd describes its metrics" \
	test "$(wc -l <"$SCRATCH/metrics")" -ge 20
metrics_in_page8() {
	sed -n '/^\.Sh METRICS/,/^\.El/p' "$page8" |
		sed -n 's/^\.It Li \(sqsherd_[a-z_]*\) , Li \([A-Za-z]*\)$/\1|\2/p
			s/^\.It Li \(sqsherd_[a-z_]*\)$/\1|-/p
			s/^\.It Li \([A-Z][A-Za-z]*\)$/-|\1/p'
}
is "$(metrics_in_page8)" "$(cut -d '|' -f 1,2 "$SCRATCH/metrics")" \
	"sqsherd(8) has exactly these"
kinds_in_page8() {
	sed -n '/^\.Sh METRICS/,/^\.El/s/.*(\([a-z]*\))\.$/\1/p' "$page8"
}
is "$(kinds_in_page8)" "$(cut -d '|' -f 3 "$SCRATCH/metrics")" \
	"with their kinds"

# ---- examples ----

# Each literal block of sqsherd.conf(5) that is a file, into its own file.
awk -v to="$SCRATCH/example" '/^\.Bd -literal/ { n++; on = 1; next }
	/^\.Ed/ { on = 0 } on { print > (to n) }' "$conf5"
examples=0
for file in "$SCRATCH"/example*; do
	! grep -q '^SQS' "$file" || continue
	examples=$((examples + 1))
	ok "example $examples of sqsherd.conf(5) is a good file" \
		"$BUILD/sqsherd" --print -c "$file"
done
is "$examples" 2 "there are two examples"

# ---- layout ----

if command -v mandoc >/dev/null; then
	for page in $pages; do
		ok "mandoc finds no fault in $page" \
			mandoc -Tlint -W warning "$page"
	done
else
	skip "mandoc finds no fault in the pages" "there is no mandoc"
fi

done_testing
