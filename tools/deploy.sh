# shellcheck shell=sh disable=SC2034 # variables are for the scripts
# Sourced by the scripts that deploy: build, apply, destroy, set-tf-vars,
# run-e2e.  Each has --help and --dry-run, which prints what would be done and
# does nothing.
#
#	options "$@"	takes them; the rest is in $arguments
#	need NAME...	ends the script unless these variables are set
#	run COMMAND...	shows and, but for a dry run, runs it
#	doing		is it no dry run?

tool=${0##*/}
root=$(cd "$(dirname "$0")/.." && pwd)
dry_run=
yes=
arguments=
# The repository@digest of what tools/build pushed last.
image_file=$root/build/deploy/image
name=${TF_NAME:-sqsherd}

die() {
	echo "$tool: $*" >&2
	exit 64
}

# The comment at the head of the script.
help() {
	sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
}

options() {
	for argument in "$@"; do
		case $argument in
		--help | -h)
			help
			exit 0
			;;
		--dry-run) dry_run=--dry-run ;;
		--yes | -y) yes=--yes ;;
		-*) die "unknown option $argument; see $tool --help" ;;
		*) arguments="$arguments $argument" ;;
		esac
	done
}

# All that are missing at once.
need() {
	missing=
	for variable in "$@"; do
		eval "value=\${$variable-}"
		# shellcheck disable=SC2154 # set by eval
		[ -n "$value" ] || missing="$missing $variable"
	done
	[ -z "$missing" ] || die "set in the environment:$missing"
}

doing() {
	[ -z "$dry_run" ]
}

# A plan is what was asked for; otherwise it goes beside the results.
show() {
	if doing; then
		printf '+ %s\n' "$*" >&2
	else
		printf '%s\n' "$*"
	fi
}

run() {
	show "$@"
	! doing || "$@"
}

# Another of these scripts, with the same options.
run_tool() {
	script=$1
	shift
	"$root/tools/$script" ${dry_run:+"$dry_run"} ${yes:+"$yes"} "$@"
}

# The directory of a module by its short name.
module() {
	case $1 in
	ecr) echo "$root/terraform/01-ecr" ;;
	app) echo "$root/terraform/02-app" ;;
	*) die "there is no module $1: it is ecr or app" ;;
	esac
}

# Of this machine unless TF_ARCHITECTURE says otherwise
architecture() {
	case ${TF_ARCHITECTURE:-$(uname -m)} in
	X86_64 | x86_64) echo X86_64 ;;
	ARM64 | aarch64 | arm64) echo ARM64 ;;
	*) die "TF_ARCHITECTURE is X86_64 or ARM64" ;;
	esac
}
