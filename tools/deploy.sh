# shellcheck shell=sh disable=SC2034 # variables are for the scripts
# Sourced by the scripts that deploy: build, apply, destroy, set-tf-vars,
# run-e2e.  Each has --help and --dry-run, which prints what would be done and
# does nothing.
#
#	options "$@"	takes them; the rest is in $arguments, quoted for eval
#	need NAME...	ends the script unless these variables are set
#	run COMMAND...	shows and, but for a dry run, runs it
#	doing		is it no dry run?
#	deployment	checks what it is that is deployed: sets $key, its name in
#			Terraform's workspaces and in files, from account, region
#			and name
#	open_state MODULE	initialises it, and chooses the state that belongs
#			to $key: $TF_WORKSPACE

tool=${0##*/}
root=$(cd "$(dirname "$0")/.." && pwd)
dry_run=
yes=
arguments=
name=${TF_NAME:-sqsherd}

die() {
	echo "$tool: $*" >&2
	exit 64
}

# Prints the comment at the head of the script.
help() {
	sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
}

# Quotes any text as one word of the shell.
quoted() {
	printf "'%s'" "$(printf '%s\n' "$1" | sed "s/'/'\\\\''/g")"
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
		*) arguments="$arguments $(quoted "$argument")" ;;
		esac
	done
}

# The message names all variables that are missing.
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

# In a dry run the plan is the result, so it goes to stdout; else to stderr.
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

# Runs another of these scripts, with the same options.
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

# The architecture of this machine, unless TF_ARCHITECTURE names another.
architecture() {
	case ${TF_ARCHITECTURE:-$(uname -m)} in
	X86_64 | x86_64) echo X86_64 ;;
	ARM64 | aarch64 | arm64) echo ARM64 ;;
	*) die "TF_ARCHITECTURE is X86_64 or ARM64" ;;
	esac
}

deployment() {
	need AWS_ACCOUNT_ID AWS_REGION
	case $AWS_ACCOUNT_ID in
	*[!0-9]*) die "AWS_ACCOUNT_ID is no account: $AWS_ACCOUNT_ID" ;;
	esac
	case $AWS_REGION in
	*[!a-z0-9-]*) die "AWS_REGION is no region: $AWS_REGION" ;;
	esac
	case $name in
	*[!a-z0-9-]*) die "TF_NAME has other than a-z, 0-9 and -: $name" ;;
	esac
	# The underscore separates: none of the three parts has one.
	key=${AWS_ACCOUNT_ID}_${AWS_REGION}_$name
	# Holds the repository@digest that tools/build pushed last.
	# shellcheck disable=SC2034 # for the scripts
	image_file=$root/build/deploy/$key/image
}

# variables_file MODULE
variables_file() {
	echo "$(module "$1")/$key.tfvars"
}

# spoken KEY: for people
spoken() {
	echo "$1" | sed 's/^\([^_]*\)_\([^_]*\)_\(.*\)/\3 in \2 of account \1/'
}

# pull_state MODULE: the state of $TF_WORKSPACE, in $state
pull_state() {
	state=$(terraform -chdir="$(module "$1")" state pull) || {
		echo "$tool: the state of $(module "$1") cannot be read" >&2
		exit 1
	}
}

state_has_resources() {
	printf '%s\n' "$state" | grep -q '"mode": "managed"'
}

# The keys of the deployments that own the state, by the ARNs of its queues and
# repositories; no line, if it has none of these.  A dead-letter queue is named
# like its queue, with "-dead"; a repository whose name ends so is another one.
owners() {
	printf '%s\n' "$state" | sed -nE '
		s|.*"arn": "arn:[a-z-]+:ecr:([^:]+):([0-9]+):repository/([^"]+)".*|\2_\1_\3|p
		t
		s|.*"arn": "arn:[a-z-]+:sqs:([^:]+):([0-9]+):([^".]+).*|\2_\1_\3|
		T
		s|^'"$key"'-dead$|'"$key"'|
		p' | sort -u
}

strangers() {
	owners | grep -vxe "$key" || :
}

# Terraform keeps a state for each workspace, whatever its backend.  A state
# from before there were workspaces is in the workspace "default": it stays
# there and serves its owner.
open_state() {
	export TF_WORKSPACE="$key"
	run terraform -chdir="$(module "$1")" init -input=false
	doing || return 0
	TF_WORKSPACE=default
	pull_state "$1"
	if state_has_resources && [ -z "$(owners)" ]; then
		echo "$tool: the state in the workspace default of" \
			"$(module "$1") does not say whose it is: move it" \
			"into the workspace ACCOUNT_REGION_NAME, or empty it" >&2
		exit 1
	fi
	if state_has_resources && [ -z "$(strangers)" ]; then
		return 0
	fi
	if state_has_resources; then
		echo "$tool: the state in the workspace default of" \
			"$(module "$1") belongs to" \
			"$(spoken "$(strangers | head -1)") and is left alone" >&2
	fi
	TF_WORKSPACE=$key
	pull_state "$1"
	stranger=$(strangers | head -1)
	[ -z "$stranger" ] || {
		echo "$tool: nothing is done: the state in the workspace $key" \
			"of $(module "$1") belongs to $(spoken "$stranger")," \
			"not to $(spoken "$key")" >&2
		exit 1
	}
}
