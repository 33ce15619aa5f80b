#!/bin/sh
# t/run fails when a test fails, and says what was skipped and why; a test can
# be run from any directory.
. "$(dirname "$0")/lib.sh"
nothing_of_build
# What is skipped here on purpose is not for the summary of all.
unset SKIPS_FILE

# script NAME LINE...: a test of those lines, below t/.
mkdir "$SCRATCH/t"
ln -s "$ROOT/t/lib.sh" "$SCRATCH/t/lib.sh"
script() {
	_file=$SCRATCH/t/$1
	shift
	{
		echo '#!/bin/sh'
		echo '. "$(dirname "$0")/lib.sh"'
		printf '%s\n' "$@" done_testing
	} >"$_file"
	chmod +x "$_file"
}
script 1000-good.t 'ok works true' 'skip this "there is no moon"'
script 2000-bad.t 'ok breaks false'
script 3000-not-here.t 'skip_all "there is no moon"'

ok "tests that pass, pass" t/run "$SCRATCH/t/1000-good.t"
like "$(cat "$SCRATCH/out")" '^Skipped: files 0, checks 1, because$' \
	"what was skipped is counted"
ok "a file that is skipped is no failure" t/run -j 2 \
	"$SCRATCH/t/1000-good.t" "$SCRATCH/t/3000-not-here.t"
like "$(cat "$SCRATCH/out")" '^Skipped: files 1, checks 1, ' "but counted"
like "$(cat "$SCRATCH/out")" '^  there is no moon \(.*1000.*3000|3000.*1000.*\)$' \
	"a line has the reason, once, and the tests"
refuses 1 "a test that fails is a failure of all" t/run \
	"$SCRATCH/t/1000-good.t" "$SCRATCH/t/2000-bad.t"
refuses 64 "no test is none" t/run
refuses 64 "nor is an option" t/run --nonsense

cd / || exit 1
ok "one runs from another directory" sh "$SCRATCH/t/1000-good.t"
cd "$SCRATCH/t" || exit 1
ok "and from its own" sh 1000-good.t
cd "$ROOT" || exit 1
done_testing
