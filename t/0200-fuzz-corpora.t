#!/bin/sh
# Every input that the fuzzers found worth keeping goes through its harness.
. "$(dirname "$0")/lib.sh"

for harness in "$BUILD"/t/replay/*; do
	stem=${harness##*/}
	ok "the corpus of $stem is replayed without a crash" \
		"$harness" "t/fuzz/corpus/$stem"
done
done_testing
