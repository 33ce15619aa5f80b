# sqsherd: one Makefile, no recursion.  CC, CFLAGS, LDFLAGS, PREFIX and DESTDIR
# belong to whoever calls it; everything made goes under $(BUILD).
#
#	make                        the programs, under build/
#	make demo                   see it work (installs what is missing)
#	make test                   deps, then the tests
#	make check                  the tests, with what is installed
#	make check-fast             the quick ones; make check-slow: the slow
#	make DEVELOPER=1            warnings are errors
#	make SAN=address,undefined  its own build under build/san/
#	make install PREFIX=/usr DESTDIR=/tmp/root

VERSION := 0.1.0
PREFIX ?= /usr/local
CC ?= cc
CFLAGS ?= -O2 -g
JOBS ?= $(shell nproc)
# Most tests wait: more of them at a time than there are processors.
TEST_JOBS ?= $(shell echo $$((4 * $$(nproc))))

ifeq ($(SAN),)
BUILD ?= build
HARDEN_C := -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
	-fstack-clash-protection -fno-common -fPIE
HARDEN_L := -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed
# FORTIFY_SOURCE needs optimisation; be quiet about a build that has none.
ifneq ($(filter -O0,$(CFLAGS)),)
HARDEN_C := $(filter-out -D_FORTIFY_SOURCE=3,$(HARDEN_C))
endif
# Control-flow protection is spelt differently for each processor.  Before
# `make deps` there is no compiler to ask, and nothing to compile with one.
MACHINE := $(shell $(CC) -dumpmachine 2>/dev/null)
ifneq ($(filter x86_64-%,$(MACHINE)),)
HARDEN_C += -fcf-protection
else ifneq ($(filter aarch64-%,$(MACHINE)),)
HARDEN_C += -mbranch-protection=standard
endif
else
BUILD ?= build/san
HARDEN_C := -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
HARDEN_L := -fsanitize=$(SAN)
endif

WARN := -Wall -Wextra -Wpedantic -Wformat=2 -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wpointer-arith \
	-Wwrite-strings -Wcast-qual -Wvla -Wundef -Wimplicit-fallthrough
ifeq ($(DEVELOPER),1)
WARN += -Werror
endif

# Evaluated once, and only when something is compiled: `make deps` must work
# before the libraries are there.
PKGS := libcurl libcrypto yajl expat libbsd-overlay inih libmicrohttpd \
	libcap
PKG_C = $(eval PKG_C := $$(shell pkg-config --cflags $(PKGS)))$(PKG_C)
PKG_L = $(eval PKG_L := $$(shell pkg-config --libs $(PKGS)))$(PKG_L)

ALL_C = -std=c17 -D_GNU_SOURCE -DSQSHERD_VERSION='"$(VERSION)"' -I. \
	$(WARN) $(HARDEN_C) $(PKG_C) $(CFLAGS)
ALL_L = $(HARDEN_L) $(LDFLAGS)

common_o := $(patsubst %.c,$(BUILD)/%.o,$(wildcard common/*/*.c))
child_o := $(patsubst %.c,$(BUILD)/%.o,$(wildcard child/*.c child/*/*.c))
supervisor_o := $(patsubst %.c,$(BUILD)/%.o,$(filter-out \
	supervisor/main.c,$(wildcard supervisor/*.c supervisor/*/*.c)))
tools_main_o := $(patsubst %,$(BUILD)/tools/%.o,sqsherdctl sqs-send sqs-e2e)
tools_o := $(filter-out $(tools_main_o),$(patsubst %.c,$(BUILD)/%.o, \
	$(wildcard tools/*.c)))
programs := $(BUILD)/sqsherd $(BUILD)/sqsherdctl $(BUILD)/sqs-send \
	$(BUILD)/sqs-e2e
unit_tests := $(patsubst t/unit/%.c,$(BUILD)/t/unit/%,$(wildcard t/unit/*.c))
fuzz_stems := $(patsubst t/fuzz/fuzz_%.c,%,$(wildcard t/fuzz/fuzz_*.c))
fuzz_replays := $(fuzz_stems:%=$(BUILD)/t/replay/%)
fakesqs_o := $(patsubst %.c,$(BUILD)/%.o,$(wildcard t/helper/fakesqs*.c))
test_helpers := $(BUILD)/t/fakesqs $(BUILD)/t/shim.so \
	$(patsubst t/helper/%.c,$(BUILD)/t/%, \
	$(filter-out $(wildcard t/helper/fakesqs*.c),$(wildcard t/helper/*.c)))
product_sources := $(wildcard common/*/*.[ch] child/*.[ch] child/*/*.[ch] \
	supervisor/*.[ch] supervisor/*/*.[ch] tools/*.[ch])
c_sources := $(product_sources) $(wildcard t/unit/*.[ch] t/fuzz/*.[ch] t/helper/*.[ch] t/bench/*.[ch] \
	t/shim/*.c)
shell_sources := .ci/run $(filter-out %.c %.h %.1 %.py,$(wildcard tools/*)) \
	$(wildcard t/*.t t/*.sh t/bench/*.sh t/soak/*.sh)

man_pages := supervisor/sqsherd.8 etc/sqsherd.conf.5 tools/sqs-send.1 \
	tools/sqs-e2e.1 tools/sqsherdctl.1

.PHONY: all check check-fast check-slow lint analyze fuzz bench coverage \
	format install uninstall \
	dist clean deps demo test tests memcheck day soak

all: $(programs)

# V=1 shows the commands, -s nothing.
ifneq ($(findstring s,$(firstword -$(MAKEFLAGS))),)
CC_QUIETLY = @
LD_QUIETLY = @
else ifneq ($(V),1)
CC_QUIETLY = @echo "  CC   $@";
LD_QUIETLY = @echo "  LD   $@";
endif

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC_QUIETLY)$(CC) $(ALL_C) -MMD -MP -c -o $@ $<

# Archives, so that each program is linked with just what it calls.  Made anew
# each time, so that an object whose source is gone does not linger.
rooms := $(BUILD)/libsupervisor.a $(BUILD)/libchild.a $(BUILD)/libcommon.a
$(BUILD)/libsupervisor.a: $(supervisor_o)
$(BUILD)/libchild.a: $(child_o)
$(BUILD)/libcommon.a: $(common_o)
$(rooms):
	@$(RM) $@
	@$(AR) rcs $@ $^

$(BUILD)/sqsherd: $(BUILD)/supervisor/main.o $(rooms)
	$(LD_QUIETLY)$(CC) $(ALL_L) -o $@ $^ $(PKG_L)

$(BUILD)/libtools.a: $(tools_o)
	@$(RM) $@
	@$(AR) rcs $@ $^

tools_programs := $(tools_main_o:$(BUILD)/tools/%.o=$(BUILD)/%)
$(tools_programs): $(BUILD)/%: $(BUILD)/tools/%.o $(BUILD)/libtools.a \
	$(BUILD)/libcommon.a
	$(LD_QUIETLY)$(CC) $(ALL_L) -o $@ $^ $(PKG_L)

$(BUILD)/t/fakesqs: $(fakesqs_o)
	@mkdir -p $(@D)
	$(LD_QUIETLY)$(CC) $(ALL_L) -o $@ $^ $(PKG_L)

$(BUILD)/t/unit/settings.o: ALL_C += -DSOURCE_DIR='"$(CURDIR)"'
$(BUILD)/t/unit/%: $(BUILD)/t/unit/%.o $(BUILD)/libtools.a $(rooms)
	@mkdir -p $(@D)
	$(LD_QUIETLY)$(CC) $(ALL_L) -o $@ $^ $(PKG_L)

# The same harness twice: replaying its corpus under any compiler, and, in
# `make fuzz`, driven by libFuzzer.
$(BUILD)/t/replay/%: $(BUILD)/t/fuzz/fuzz_%.o $(BUILD)/t/fuzz/replay.o \
	$(rooms)
	@mkdir -p $(@D)
	$(LD_QUIETLY)$(CC) $(ALL_L) -o $@ $^ $(PKG_L)

$(BUILD)/t/%: $(BUILD)/t/helper/%.o $(BUILD)/libcommon.a
	@mkdir -p $(@D)
	$(LD_QUIETLY)$(CC) $(ALL_L) -o $@ $^ $(PKG_L)

# Preloaded, so it needs no sanitizer; but it must be position independent.
$(BUILD)/t/shim.so: t/shim/shim.c
	@mkdir -p $(@D)
	$(LD_QUIETLY)$(CC) -std=c17 -D_GNU_SOURCE $(WARN) $(PKG_C) $(CFLAGS) \
		-fPIC -shared -o $@ $<

.SECONDARY:

tests: all $(unit_tests) $(fuzz_replays) $(test_helpers) \
	$(BUILD)/t/bench/sqsherd-null

# TESTS may name some: make check TESTS='t/2*.t'.
run_tests = BUILD=$(BUILD) t/run -j $(TEST_JOBS)
check: tests
	$(run_tests) $(or $(TESTS),check) -- $(PROVE_FLAGS)

check-fast: tests
	$(run_tests) fast -- $(PROVE_FLAGS)

check-slow: tests
	$(run_tests) slow -- $(PROVE_FLAGS)

test: deps
	$(MAKE) check

deps:
	tools/deps

demo: deps
	$(MAKE) all $(BUILD)/t/fakesqs
	BUILD=$(BUILD) tools/demo

# By hand: about a quarter of an hour each.
soak: tests
	BUILD=$(BUILD) t/soak/storm.sh

day: tests
	BUILD=$(BUILD) t/soak/day-of-sqs.sh

bench: all
	$(MAKE) $(bench_programs) $(BUILD)/t/fakesqs
	BUILD=$(BUILD) t/bench/run.sh
	BUILD=$(BUILD) t/bench/processes.sh

bench_programs := $(BUILD)/t/bench/bare-loop $(BUILD)/t/bench/bare-spawn \
	$(BUILD)/t/bench/sqsherd-null
$(BUILD)/t/bench/bare-%: $(BUILD)/t/bench/bare-%.o
	$(LD_QUIETLY)$(CC) $(ALL_L) -o $@ $^ $(PKG_L)

# sqsherd with a handler kind that does nothing inside the process, which is
# no use to anybody but a benchmark.
$(BUILD)/t/bench/%.o: ALL_C += -DSQSHERD_BENCH
$(BUILD)/t/bench/sqsherd-null: $(BUILD)/t/bench/sqsherd-null.o \
	$(rooms)
	$(LD_QUIETLY)$(CC) $(ALL_L) -o $@ $^ $(PKG_L)

# Unit programs only: for reads of what was never written, which the
# sanitizers do not see.
memcheck: $(unit_tests)
	prove -j$(JOBS) $(PROVE_FLAGS) \
		-e 'valgrind -q --error-exitcode=99 --leak-check=full' \
		$(unit_tests)

FUZZ_SECONDS ?= 60
fuzz:
	$(MAKE) CC=clang SAN=address,undefined BUILD=build/fuzz \
		CFLAGS='-O1 -g -fsanitize=fuzzer-no-link' fuzz-programs
	for stem in $(fuzz_stems); do \
		mkdir -p build/fuzz/corpus/$$stem && \
		build/fuzz/t/fuzz/$$stem -max_total_time=$(FUZZ_SECONDS) \
			-rss_limit_mb=4096 -print_final_stats=1 \
			build/fuzz/corpus/$$stem t/fuzz/corpus/$$stem || exit 1; \
	done

.PHONY: fuzz-programs
fuzz-programs: $(fuzz_stems:%=$(BUILD)/t/fuzz/%)
$(fuzz_stems:%=$(BUILD)/t/fuzz/%): $(BUILD)/t/fuzz/%: \
	$(BUILD)/t/fuzz/fuzz_%.o $(rooms)
	$(LD_QUIETLY)$(CC) $(ALL_L) -fsanitize=fuzzer -o $@ $^ $(PKG_L)

coverage:
	$(MAKE) BUILD=build/coverage CFLAGS='-O0 -g --coverage -DSQSHERD_COVERAGE' \
		check check-slow
	gcovr -r . --object-directory build/coverage \
		-e 't/.*' --txt build/coverage/report.txt
	cat build/coverage/report.txt

format:
	clang-format -i $(c_sources)

lint: tests
	clang-format --dry-run --Werror $(c_sources)
	t/lint/layers.sh
	t/lint/sizes.sh
	BUILD=$(BUILD) t/lint/calls.sh
	t/lint/unseen.sh
	printf '%s\n' $(shell_sources) | xargs -P$(JOBS) -n8 shellcheck -x
	mandoc -Tlint -W warning $(man_pages)
	cppcheck --quiet --std=c11 --enable=warning,portability,performance \
		--inline-suppr --error-exitcode=1 -j$(JOBS) -I. \
		--suppress=missingIncludeSystem --suppress='*:t/*' \
		common child supervisor tools

TIDY_SOURCES ?= $(filter %.c,$(product_sources))
analyze:
	printf '%s\n' $(TIDY_SOURCES) | xargs -P$(JOBS) -n1 sh -c \
		'clang-tidy --quiet --warnings-as-errors="*" "$$@" -- \
		-std=c17 -D_GNU_SOURCE -DSQSHERD_VERSION="\"0\"" -I. \
		$(PKG_C)' tidy
	$(MAKE) BUILD=build/analyze CC=gcc \
		CFLAGS='-O1 -g -fanalyzer -Werror -Wno-analyzer-malloc-leak \
		-Wno-format-truncation' all

# sqsherd@NAME.service is sqsherd.service with files and directories of NAME.
UNITS = $(PREFIX)/lib/systemd/system
instance := -e '/^Description=/s|$$| (%i)|' \
	-e 's|/etc/sqsherd/sqsherd\.|/etc/sqsherd/%i.|' \
	-e '/Directory=/s|sqsherd$$|&-%i|'

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin \
		$(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/man/man5 \
		$(DESTDIR)$(PREFIX)/share/man/man8 \
		$(DESTDIR)$(PREFIX)/share/doc/sqsherd \
		$(DESTDIR)$(UNITS)
	install -m 0755 $(BUILD)/sqsherd $(DESTDIR)$(PREFIX)/sbin/sqsherd
	install -m 0755 $(BUILD)/sqsherdctl $(BUILD)/sqs-send \
		$(BUILD)/sqs-e2e $(DESTDIR)$(PREFIX)/bin/
	install -m 0644 supervisor/sqsherd.8 $(DESTDIR)$(PREFIX)/share/man/man8/
	install -m 0644 etc/sqsherd.conf.5 $(DESTDIR)$(PREFIX)/share/man/man5/
	install -m 0644 tools/sqs-send.1 tools/sqs-e2e.1 tools/sqsherdctl.1 \
		$(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 0644 etc/sqsherd.conf etc/sqsherd.env etc/strict.conf \
		README.md CHANGELOG.md SECURITY.md LICENSE \
		$(DESTDIR)$(PREFIX)/share/doc/sqsherd/
	sed 's|@PREFIX@|$(PREFIX)|g' etc/sqsherd.service \
		> $(DESTDIR)$(UNITS)/sqsherd.service
	sed $(instance) $(DESTDIR)$(UNITS)/sqsherd.service \
		> '$(DESTDIR)$(UNITS)/sqsherd@.service'
	chmod 0644 $(DESTDIR)$(UNITS)/sqsherd.service \
		'$(DESTDIR)$(UNITS)/sqsherd@.service'

uninstall:
	$(RM) $(DESTDIR)$(PREFIX)/sbin/sqsherd \
		$(DESTDIR)$(PREFIX)/bin/sqsherdctl \
		$(DESTDIR)$(PREFIX)/bin/sqs-send \
		$(DESTDIR)$(PREFIX)/bin/sqs-e2e \
		$(DESTDIR)$(PREFIX)/share/man/man1/sqs-send.1 \
		$(DESTDIR)$(PREFIX)/share/man/man1/sqs-e2e.1 \
		$(DESTDIR)$(PREFIX)/share/man/man1/sqsherdctl.1 \
		$(DESTDIR)$(PREFIX)/share/man/man8/sqsherd.8 \
		$(DESTDIR)$(PREFIX)/share/man/man5/sqsherd.conf.5 \
		$(DESTDIR)$(UNITS)/sqsherd.service \
		'$(DESTDIR)$(UNITS)/sqsherd@.service'
	$(RM) -r $(DESTDIR)$(PREFIX)/share/doc/sqsherd

dist:
	mkdir -p build
	git archive --prefix=sqsherd-$(VERSION)/ \
		-o build/sqsherd-$(VERSION).tar.gz HEAD

clean:
	$(RM) -r build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
