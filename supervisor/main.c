/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * sqsherd: reads options and settings, and sets up what every process of it
 * relies on: three open descriptors and no others, signals blocked,
 * dispositions known.  Then the supervisor runs, or with -X a single child in
 * its place.
 */
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child/child.h"
#include "common/base/clock.h"
#include "common/base/exitcode.h"
#include "common/base/fault_signals.h"
#include "common/base/log.h"
#include "common/base/log_output.h"
#include "common/base/xalloc.h"
#include "common/credentials/profile_files.h"
#include "common/ipc/scoreboard_child.h"
#include "common/settings/settings.h"
#include "common/settings/settings_command.h"
#include "common/settings/settings_load.h"
#include "common/settings/settings_print.h"
#include "supervisor/report/metrics.h"
#include "supervisor/report/notify.h"
#include "supervisor/start/limits.h"
#include "supervisor/start/sandbox.h"
#include "supervisor/supervisor.h"
#include "supervisor/terminal.h"

#include "common/base/banned.h"

enum {
	OPTION_PRINT = 256,
	OPTION_HELP,
	OPTION_HELP_METRICS,
	OPTION_HELP_SETTINGS,
	OPTION_VERSION
};

struct options {
	struct settings_input input;
	const char **assignments; /* owned; input borrows it */
	bool check;
	bool print;
	bool single; /* -X */
	bool verbose;
};

/* ---- surroundings ---- */

/*
 * A descriptor that is opened later must not become 0, 1 or 2: a handler's
 * output, or our log, would go into it.
 */
static void
open_standard_fds(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", O_RDWR) != fd)
			_exit(EXITCODE_INTERNAL);
}

/*
 * The signal mask and ignored signals are inherited over exec, so the process
 * that started this one may have left anything.
 */
static void
set_signals(void)
{
	sigset_t blocked;
	int signal_number;

	(void)fault_signals_block_others(&blocked);
	for (signal_number = 1; signal_number < NSIG; signal_number++)
		(void)signal(signal_number, SIG_DFL);
	(void)signal(SIGPIPE, SIG_IGN);
}

/* ---- options ---- */

static const char usage_text[] =
    "usage: sqsherd [-nvX] [-c file] [-j children] [-q queue-url]\n"
    "               [-o key=value]... [--] [command [arg ...]]\n"
    "\n"
    "  -c file         read settings from this file\n"
    "  -j children     number of children of each queue\n"
    "  -n              check settings and commands, and exit\n"
    "  -o key=value    set a setting\n"
    "  -q queue-url    the queue to poll\n"
    "  -v              log debug records, and details in a log of text\n"
    "  -X              run one child in the foreground, unsupervised\n"
    "  --print         print all settings and where they come from\n"
    "  --help          print this text\n"
    "  --help-metrics  print a description of all metrics\n"
    "  --help-settings print a description of all settings\n"
    "  --version       print the version\n"
    "\n"
    "The command is run once for each message, with its body on stdin.\n";

static _Noreturn void usage_error(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

static _Noreturn void
usage_error(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%ssqsherd: ", log_output_priority(LOG_LEVEL_ERROR));
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs(" (see sqsherd --help)\n", stderr);
	exit(EXITCODE_USAGE);
}

/*
 * Ends the program; a failure to write its output is a failure of the program.
 */
static _Noreturn void
exit_printed(void)
{
	if (fflush(stdout) == EOF || ferror(stdout))
		exit(EXITCODE_INTERNAL);
	exit(EXITCODE_OK);
}

static void
assign(struct options *o, const char *assignment)
{
	o->assignments[o->input.n_assignments++] = assignment;
}

static void
take_option(struct options *o, int option, char **argv)
{
	switch (option) {
	case 'c':
		o->input.file = optarg;
		break;
	case 'j':
		o->input.children = optarg;
		break;
	case 'n':
		o->check = true;
		break;
	case 'o':
		assign(o, optarg);
		break;
	case 'q':
		o->input.queue_url = optarg;
		break;
	case 'v':
		o->verbose = true;
		break;
	case 'X':
		o->single = true;
		break;
	case OPTION_PRINT:
		o->print = true;
		break;
	case OPTION_HELP:
		fputs(usage_text, stdout);
		exit_printed();
	case OPTION_HELP_METRICS:
		metrics_print_help(stdout);
		exit_printed();
	case OPTION_HELP_SETTINGS:
		settings_print_help(stdout);
		exit_printed();
	case OPTION_VERSION:
		puts("sqsherd " SQSHERD_VERSION);
		exit_printed();
	case ':':
		usage_error("option '%s' needs a value", argv[optind - 1]);
	default:
		if (optopt > 0 && optopt < OPTION_PRINT)
			usage_error("unknown option '-%c'", optopt);
		usage_error("unknown option '%s'", argv[optind - 1]);
	}
}

static void
parse_options(struct options *o, int argc, char **argv)
{
	static const struct option names[] = {
		{ "print", no_argument, NULL, OPTION_PRINT },
		{ "help", no_argument, NULL, OPTION_HELP },
		{ "help-metrics", no_argument, NULL, OPTION_HELP_METRICS },
		{ "help-settings", no_argument, NULL, OPTION_HELP_SETTINGS },
		{ "version", no_argument, NULL, OPTION_VERSION },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	*o = (struct options){ .check = false };
	/* Each -o takes at least one argument, and -v adds one assignment,
	   once. */
	o->assignments = xcalloc((size_t)argc + 1, sizeof(o->assignments[0]));
	o->input.assignments = o->assignments;
	o->input.environ_ = environ;
	opterr = 0;
	/* "+": options after the name of the command belong to the command. */
	while ((option = getopt_long(argc, argv, "+:c:j:no:q:vX", names,
		    NULL)) != -1)
		take_option(o, option, argv);
	if (o->verbose)
		assign(o, "log_level=debug");
	if (optind < argc)
		o->input.command = argv + optind;
}

/* ---- settings ---- */

static void
print_problem(void *arg, const char *message)
{
	(void)arg;
	fprintf(stderr, "%ssqsherd: %s\n", log_output_priority(LOG_LEVEL_ERROR),
	    message);
}

static void
log_command_doubt(void *arg, const char *message)
{
	(void)arg;
	log_warn("command_doubtful", log_str("msg", message));
}

static void
log_profile_doubt(void *arg, const char *message)
{
	(void)arg;
	log_warn("profile_doubtful", log_str("msg", message));
}

static struct settings *
load(const struct options *o, struct sandbox *sandbox)
{
	struct settings *s = settings_load(&o->input, print_problem, NULL);

	if (s == NULL)
		exit(EXITCODE_CONFIG);
	if (o->print) {
		settings_print(s, stdout);
		exit_printed();
	}
	if (sandbox_prepare(sandbox, s, print_problem, NULL) == -1)
		exit(EXITCODE_CONFIG);
	return s;
}

/*
 * Commands are checked as the user that will run them: another user may not
 * execute all that root may, and may find other programs in PATH.
 */
static void
enter_sandbox(struct sandbox *sandbox, struct settings *s, bool single,
    settings_problem_fn *warning)
{
	if (sandbox_enter(sandbox, print_problem, NULL) == -1 ||
	    limits_check(s, single ? 1 : settings_all_children(s),
		print_problem, NULL) == -1 ||
	    settings_command_check(s, print_problem, warning, NULL) == -1)
		exit(EXITCODE_CONFIG);
	sandbox_release(sandbox);
}

/* ---- the two ways to run ---- */

static _Noreturn void
run_single(const struct settings *s, bool ends_with_terminal)
{
	static struct scoreboard_row row;
	const struct child_args args = { .settings = s,
		.queue = &s->queues[0],
		.row = &row,
		.death_fd = -1,
		.wake_fd = -1,
		.idle_pollers_fd = -1,
		.ends_with_terminal = ends_with_terminal };

	if (s->n_queues != 1)
		usage_error("-X runs one queue, not %zu: use -q, or a file "
			    "with one section",
		    s->n_queues);
	scoreboard_row_prepare(&row, clock_ms());
	log_identify("child", s->queues[0].name, 0);
	child_main(&args);
}

int
main(int argc, char **argv)
{
	struct options options;
	struct notify notify;
	struct sandbox sandbox;
	struct settings *s;
	bool ends_with_terminal;
	int status;

	open_standard_fds();
	closefrom(STDERR_FILENO + 1);
	ends_with_terminal = terminal_binds_us();
	set_signals();
	/* For errors that come before the settings say how to log. */
	log_init(LOG_FORMAT_AUTO, LOG_LEVEL_INFO);
	setproctitle_init(argc, argv, environ);
	parse_options(&options, argc, argv);
	notify_open(&notify, clock_ms());
	s = load(&options, &sandbox);
	log_init(s->log_format, s->log_level);
	enter_sandbox(&sandbox, s, options.single,
	    options.check ? print_problem : log_command_doubt);
	profile_files_warn(options.check ? print_problem : log_profile_doubt,
	    NULL);
	if (options.check) {
		puts("sqsherd: settings are good");
		exit_printed();
	}
	if (options.single)
		run_single(s, ends_with_terminal);
	log_identify("supervisor", NULL, -1);
	status = supervisor_run(s, &options.input, &notify, ends_with_terminal);
	free(options.assignments);
	return status;
}
