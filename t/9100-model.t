#!/bin/sh
# Spin goes through everything that the model of the supervisor can do.
. "$(dirname "$0")/lib.sh"
nothing_of_build

command -v spin >/dev/null || skip_all "there is no spin"

# compile FILE DEFINE...: as ./pan.
compile() {
	spin "$@" && ${CC:-cc} -O0 -w -o pan pan.c
}

# proves CLAIM: no run breaks it, under weak fairness: whoever can go on does
# so at last.
proves() {
	./pan -a -f -m200000 -N "$1" >pan.out
	grep -q 'errors: 0$' pan.out && lacks pan.out 'depth too small'
}

cd "$SCRATCH" || exit 1
ok "the model is one" compile -a "$ROOT/t/model/supervisor.pml"
ok "a stop always ends" proves stop_terminates
ok "after a stop no child and no handler is alive" proves no_survivor
ok "no child is born after a stop began" proves no_birth_after_stop
ok "with a child that the kernel cannot kill, too" \
	compile -DUNKILLABLE -a "$ROOT/t/model/supervisor.pml"
ok "a stop ends even with such a child" proves stop_terminates
ok "nothing but such a child survives a stop" proves no_survivor
# The proof is worth something: without SIGKILL a child would survive.
sed 's/signals(sigkill)/skip/; s/-> sigkill = true/-> skip/' \
	"$ROOT/t/model/supervisor.pml" >broken.pml
ok "a supervisor that does not kill is a model as well" compile -a broken.pml
refuted() {
	./pan -a -f -m200000 -N "$1" >pan.out
	grep -q 'errors: [1-9]' pan.out
}
ok "a stop without SIGKILL may last for ever" refuted stop_terminates
cd "$ROOT" || exit 1
done_testing
