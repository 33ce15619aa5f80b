/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Settings: each wrong value with the very message it is to have, the levels
 * of precedence, sections, what is derived, and that printed settings load
 * again.
 */
#include "common/settings/settings.h"

#include <sys/stat.h>

#include <ctype.h>
#include <fcntl.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/settings/settings_command.h"
#include "common/settings/settings_load.h"
#include "common/settings/settings_print.h"
#include "common/settings/settings_table.h"
#include "t/unit/tap.h"

#define URL      "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"
#define LOCAL    "http://127.0.0.1:9324/000000000000/jobs"
#define SECTION  "[queue a]\nqueue_url = " URL "\ncommand = work\n"
#define SECTION2 "[queue b]\nqueue_url = " URL "2\ncommand = work b\n"
#define S63      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* All problems of one load, a line each. */
static struct buf problems = BUF_INIT(65536);

static void
on_problem(void *arg, const char *message)
{
	(void)arg;
	buf_puts(&problems, problems.len > 0 ? "\n" : "");
	buf_puts(&problems, message);
}

/* What a test brings; up to the first NULL of each list. */
struct given {
	const char *file;
	const char *o[4];
	const char *env[8];
	const char *q, *j;
	const char *command[4];
};

static size_t
count(const char *const *list, size_t max)
{
	size_t n = 0;

	while (n < max && list[n] != NULL)
		n++;
	return n;
}

static struct settings *
load(const struct given *g)
{
	char *env[9] = { NULL }, *command[5] = { NULL };
	struct settings_input in = { .file = g->file != NULL ? "f" : NULL,
		.assignments = g->o,
		.n_assignments = count(g->o, nitems(g->o)),
		.queue_url = g->q,
		.children = g->j,
		.environ_ = env };
	struct settings *s;
	size_t i;

	if (g->file != NULL)
		in.file_bytes = span_of(g->file);
	for (i = 0; i < count(g->env, nitems(g->env)); i++)
		env[i] = xstrdup(g->env[i]);
	for (i = 0; i < count(g->command, nitems(g->command)); i++)
		command[i] = xstrdup(g->command[i]);
	in.command = command[0] != NULL ? command : NULL;
	buf_reset(&problems);
	s = settings_load(&in, on_problem, NULL);
	for (i = 0; i < nitems(env); i++)
		free(env[i]);
	for (i = 0; i < nitems(command); i++)
		free(command[i]);
	return s;
}

static char *
print(const struct settings *s)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		abort();
	settings_print(s, f);
	fclose(f);
	return text;
}

/* ---- wrong values ---- */

/* Loads one assignment beside a good queue URL and command. */
static void
wrong_assignment(const char *assignment, const char *want)
{
	struct given g = { .o = { assignment },
		.q = URL,
		.command = { "work" } };
	char *name = xasprintf("-o %.60s is refused", assignment);
	struct settings *s = load(&g);

	is_str(buf_str(&problems), want, name);
	settings_free(s);
	free(name);
}

/* Only SQS's own endpoints have variants. */
static void
test_variants(void)
{
#define VPC "https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com/1/jobs"
	struct given g = { .o = { "use_fips_endpoint=yes",
			       "endpoint_url=https://h" },
		.q = URL,
		.command = { "work" } };

	settings_free(load(&g));
	is_str(buf_str(&problems),
	    "use_fips_endpoint: there is no such variant of an endpoint_url of "
	    "your own (-o use_fips_endpoint; -o endpoint_url)",
	    "an endpoint of one's own has no FIPS variant");
	g.o[0] = "use_dualstack_endpoint=yes";
	g.o[1] = NULL;
	g.q = VPC;
	settings_free(load(&g));
	is_str(buf_str(&problems),
	    "use_dualstack_endpoint: there is no such variant of the host of "
	    "\"" VPC "\" (-o use_dualstack_endpoint; -q)",
	    "nor has one of a VPC a dual-stack variant");
	g.q = "https://sqs.eu-west-1.amazonaws.com/1/jobs";
	g.o[1] = "s3_endpoint_url=https://h";
	settings_free(load(&g));
	is_str(buf_str(&problems), "", "SQS's own endpoint has");
	g.o[2] = "s3_buckets=bbb";
	settings_free(load(&g));
	is_str(buf_str(&problems),
	    "use_dualstack_endpoint: there is no such variant of an "
	    "s3_endpoint_url of your own (-o use_dualstack_endpoint; "
	    "-o s3_endpoint_url)",
	    "nor has one of one's own for S3");
}

static void
test_wrong_values(void)
{
	static const struct {
		const char *assignment, *problem;
	} cases[] = {
		{ "children=many",
		    "children: \"many\" is not a whole number from 0 to 1000 "
		    "(-o children)" },
		{ "children=-1",
		    "children: \"-1\" is not a whole number from 0 to 1000 "
		    "(-o children)" },
		{ "children=+1",
		    "children: \"+1\" is not a whole number from 0 to 1000 "
		    "(-o children)" },
		{ "children=1001",
		    "children: \"1001\" is not a whole number from 0 to 1000 "
		    "(-o children)" },
		{ "children=99999999999999999999",
		    "children: \"99999999999999999999\" is not a whole number "
		    "from 0 to 1000 (-o children)" },
		{ "children=", "children: \"\" is empty (-o children)" },
		{ "receive_max=0",
		    "receive_max: \"0\" is not a whole number from 1 to 10, "
		    "or auto (-o receive_max)" },
		{ "wait_time=21",
		    "wait_time: \"21\" is not a duration of whole seconds from "
		    "0s to 20s (-o wait_time)" },
		{ "wait_time=1.5s",
		    "wait_time: \"1.5s\" is not a duration of whole seconds "
		    "from 0s to 20s (-o wait_time)" },
		{ "visibility_timeout=2s",
		    "visibility_timeout: \"2s\" is not a duration of whole "
		    "seconds from 3s to 12h (-o visibility_timeout)" },
		{ "job_timeout=12.1h",
		    "job_timeout: \"12.1h\" is not a duration from 0s to 12h "
		    "(-o job_timeout)" },
		{ "job_kill_timeout=99ms",
		    "job_kill_timeout: \"99ms\" is not a duration from 100ms "
		    "to 10m (-o job_kill_timeout)" },
		{ "grace_timeout=soon",
		    "grace_timeout: \"soon\" is not a duration from 1s to 1d "
		    "(-o grace_timeout)" },
		{ "handler=telepathy",
		    "handler: \"telepathy\" is not exec (-o handler)" },
		{ "log_format=xml",
		    "log_format: \"xml\" is not one of auto, json, text "
		    "(-o log_format)" },
		{ "extend=perhaps",
		    "extend: \"perhaps\" is not yes or no (-o extend)" },
		{ "allow_http=Y",
		    "allow_http: \"Y\" is not yes or no (-o allow_http)" },
		{ "command=sh -c 'x",
		    "command: \"sh -c 'x\" has a quote or a backslash that is "
		    "not closed; in a file, a blank before # or ; begins a "
		    "comment (-o command)" },
		{ "command='' x",
		    "command: \"'' x\" names no program (-o command)" },
		{ "region=Ireland",
		    "region: \"Ireland\" is not the name of a region, such as "
		    "eu-west-1 (-o region)" },
		{ "endpoint_url=localhost:4566",
		    "endpoint_url: \"localhost:4566\" is not an http or https "
		    "URL (-o endpoint_url)" },
		{ "endpoint_url=http://u:p@localhost",
		    "endpoint_url: \"http://u:p@localhost\" is not an http or "
		    "https URL (-o endpoint_url)" },
		{ "endpoint_url=http://sqs.example",
		    "endpoint_url: \"http://sqs.example\" is plain http to "
		    "another host; use https, or set allow_http "
		    "(-o endpoint_url)" },
		{ "ca_bundle=/a\tb",
		    "ca_bundle: \"/a\tb\" holds a control character "
		    "(-o ca_bundle)" },
		{ "ca_bundle=/a #b",
		    "ca_bundle: \"/a #b\" holds a blank before # or ;, which "
		    "begins a comment in a file (-o ca_bundle)" },
		{ "retry_cap=4s",
		    "retry_cap: 4s is less than retry_base, 5s "
		    "(-o retry_cap; default)" },
		{ "retry_base=20m",
		    "retry_cap: 15m is less than retry_base, 20m "
		    "(default; -o retry_base)" },
		{ "restart_cap=500ms",
		    "restart_cap: 500ms is less than restart_base, 1s "
		    "(-o restart_cap; default)" },
		{ "childern=3",
		    "unknown setting \"childern\"; did you mean \"children\"? "
		    "(-o)" },
		{ "telepathy=3", "unknown setting \"telepathy\" (-o)" },
		{ "children", "\"children\" is not NAME=VALUE (-o)" },
		{ "=3", "unknown setting \"\" (-o)" },
	};
	size_t i;

	for (i = 0; i < nitems(cases); i++)
		wrong_assignment(cases[i].assignment, cases[i].problem);
}

/* What no row of that type takes; NULL: it takes any text, or has a table of
   its own above. */
static char *
wrong_value(const struct settings_row *row, bool too_large)
{
	switch (row->type) {
	case SETTINGS_STRING:
	case SETTINGS_COMMAND:
		return NULL;
	case SETTINGS_INT:
	case SETTINGS_SIZE:
		return too_large ? xasprintf("%lld", (long long)row->max + 1)
				 : xstrdup("?");
	case SETTINGS_DURATION:
		return too_large
		    ? xasprintf("%lld", (long long)row->max / 1000 + 1)
		    : xstrdup("?");
	case SETTINGS_BOOL:
	case SETTINGS_ENUM:
		return xstrdup(too_large ? "2" : "?");
	}
	abort();
}

/* SQSHERD_ and the row's name in upper case. */
static char *
variable_of(const struct settings_row *row)
{
	char *name = xasprintf("SQSHERD_%s", row->name);
	char *p;

	for (p = name; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	return name;
}

/* The setting, the value and the origin are all named. */
static void
refused_from(const struct settings_row *row, const char *value,
    const struct given *g, const char *origin)
{
	struct settings *s = load(g);
	char *start = xasprintf("%s: \"%s\" is not ", row->name, value);
	char *end = xasprintf(" (%s)", origin);
	char *name = xasprintf("a wrong %s names itself%s", row->name, end);
	const char *got = buf_str(&problems);
	size_t len = strlen(got);

	ok(s == NULL && strncmp(got, start, strlen(start)) == 0 &&
		len > strlen(end) && strcmp(got + len - strlen(end), end) == 0,
	    name);
	settings_free(s);
	free(start);
	free(end);
	free(name);
}

static void
check_row(const struct settings_row *row, bool too_large)
{
	char *value = wrong_value(row, too_large);
	char *variable, *assignment, *environment, *line, *from;

	if (value == NULL)
		return;
	variable = variable_of(row);
	assignment = xasprintf("%s=%s", row->name, value);
	environment = xasprintf("%s=%s", variable, value);
	line = xasprintf("\n%s = %s\n", row->name, value);
	from = xasprintf("-o %s", row->name);
	refused_from(row, value,
	    &(struct given){ .o = { assignment },
		.q = URL,
		.command = { "work" } },
	    from);
	free(from);
	from = xasprintf("environment %s", variable);
	refused_from(row, value,
	    &(struct given){ .env = { environment },
		.q = URL,
		.command = { "work" } },
	    from);
	refused_from(row, value,
	    &(struct given){ .file = line, .q = URL, .command = { "work" } },
	    "f:2");
	free(value);
	free(variable);
	free(assignment);
	free(environment);
	free(line);
	free(from);
}

/* So that a new row has this without anybody thinking of it. */
static void
test_every_row(void)
{
	size_t i;

	for (i = 0; i < settings_table_size; i++) {
		check_row(&settings_table[i], false);
		check_row(&settings_table[i], true);
	}
}

static void
test_wrong_queue_urls(void)
{
#define NOT_A_URL "is not an http or https URL (-q)"
#define NO_NAME                                                                \
	"does not end in a queue's name (1 to 80 letters, digits, - and _, "   \
	"with .fifo behind if it is one) (-q)"
	static const struct {
		const char *url, *problem;
	} cases[] = {
		{ "jobs", NOT_A_URL },
		{ "ftp://h/1/jobs", NOT_A_URL },
		{ "https://", NOT_A_URL },
		{ "https:///1/jobs", NOT_A_URL },
		{ "https://h:0/1/jobs", NOT_A_URL },
		{ "https://h:65536/1/jobs", NOT_A_URL },
		{ "https://h:8x/1/jobs", NOT_A_URL },
		{ "https://u@h/1/jobs", NOT_A_URL },
		{ "https://[::1/1/jobs", NOT_A_URL },
		{ "https://[::g]/1/jobs", NOT_A_URL },
		{ "https://[::1]x/1/jobs", NOT_A_URL },
		{ "https://h/1/jo bs", NOT_A_URL },
		{ "https://h/1/jobs?a=b", NOT_A_URL },
		{ "https://h/1/jobs#a", NOT_A_URL },
		{ "https://localhost\\@h/1/jobs", NOT_A_URL },
		{ "https://h", "is a URL without a queue's name (-q)" },
		{ "https://h/", "is a URL without a queue's name (-q)" },
		{ "https://h/1/", NO_NAME },
		{ "https://h/1/jo.bs", NO_NAME },
		{ "https://h/1/.fifo", NO_NAME },
		{ "https://h/1/jobs.fifo.fifo", NO_NAME },
		{ "https://h/1/" S63 "123456789012345678", NO_NAME },
		{ "https://h/1/" S63 "1234567890123.fifo", NO_NAME },
	};
	struct given g = { .command = { "work" } };
	char *want, *name;
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		g.q = cases[i].url;
		want = xasprintf("queue_url: \"%s\" %s", cases[i].url,
		    cases[i].problem);
		name = xasprintf("-q %.40s is refused", cases[i].url);
		settings_free(load(&g));
		is_str(buf_str(&problems), want, name);
		free(name);
		free(want);
	}
}

static void
test_wrong_files(void)
{
	static const struct {
		const char *name, *file, *problems;
	} cases[] = {
		{ "a wrong value in a file names file and line",
		    "# x\n\nchildren = many\n",
		    "children: \"many\" is not a whole number from 0 to 1000 "
		    "(f:3)" },
		{ "a wrong value in a section names file and line",
		    SECTION "wait_time = 1h\n",
		    "wait_time: \"1h\" is not a duration of whole seconds from "
		    "0s to 20s (f:4)" },
		{ "every problem is reported, not just the first",
		    "children = x\nextend = x\nfoo = 1\n",
		    "children: \"x\" is not a whole number from 0 to 1000 "
		    "(f:1)\n"
		    "extend: \"x\" is not yes or no (f:2)\n"
		    "unknown setting \"foo\" (f:3)" },
		{ "an unknown key gets the nearest suggested",
		    "visibilty_timeout = 30",
		    "unknown setting \"visibilty_timeout\"; did you mean "
		    "\"visibility_timeout\"? (f:1)" },
		{ "a key that is set twice names both lines",
		    "children = 1\nextend = no\nchildren = 1\n",
		    "children: is set on line 1 already (f:3)" },
		{ "a key without = is refused", "children\n",
		    "\"children\" is not NAME = VALUE (f:1)" },
		{ "a key without a value is refused", "children = # none\n",
		    "children: \"\" is empty (f:1)" },
		{ "an unknown section is refused, and what is in it skipped",
		    SECTION "[jobs]\nchildren = x\n",
		    "\"[jobs]\" is not a section; a section is [queue NAME], "
		    "the name 1 to 80 letters, digits, - _ and . (f:4)" },
		{ "a section that does not end is refused", SECTION "[queue b",
		    "\"[queue b\" is not a section; a section is [queue NAME], "
		    "the name 1 to 80 letters, digits, - _ and . (f:4)" },
		{ "a section name with a blank in it is refused",
		    SECTION "[queue b c]",
		    "\"[queue b c]\" is not a section; a section is [queue "
		    "NAME], the name 1 to 80 letters, digits, - _ and . "
		    "(f:4)" },
		{ "a section behind a stray byte order mark is refused",
		    SECTION "\xEF\xBB\xBF[queue b]",
		    "\"\\ufeff[queue b]\" is not NAME = VALUE (f:4)" },
		{ "a section that is there twice names both lines",
		    SECTION "\n" SECTION,
		    "[queue a] is there twice, first at f:1 (f:5)" },
		{ "a global key in a section is refused",
		    SECTION "log_level = warn\n",
		    "log_level: holds for all queues and belongs before the "
		    "first section (f:4)" },
		{ "an empty section lacks a URL and a command, and says where",
		    SECTION "[queue b]\n",
		    "queue_url: not set for queue b (f:4)\n"
		    "command: not set for queue b (f:4)" },
		{ "a command cut by a comment is refused",
		    "command = sh -c 'a ; b'\n",
		    "command: \"sh -c 'a\" has a quote or a backslash that is "
		    "not closed; in a file, a blank before # or ; begins a "
		    "comment (f:1)" },
		{ "a control character is refused", "children = 1\x01\n",
		    "the line holds a control character (f:1)" },
		{ "a control character in a comment is refused, too",
		    "# \x1b[2J\n", "the line holds a control character (f:1)" },
	};
	struct given g = { .q = URL, .command = { "work" } };
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		g.file = cases[i].file;
		if (strstr(g.file, "[queue a]") != NULL) {
			g.q = NULL;
			g.command[0] = NULL;
		}
		settings_free(load(&g));
		is_str(buf_str(&problems), cases[i].problems, cases[i].name);
		g.q = URL;
		g.command[0] = "work";
	}
}

static void
problem_is(const struct given *g, const char *want, const char *name)
{
	settings_free(load(g));
	is_str(buf_str(&problems), want, name);
}

static void
test_line_lengths(void)
{
	struct given g = { .q = URL };
	char *line = xasprintf("command = %0*d", 4086, 1),
	     *comment = xasprintf("%s # " S63 S63 "\n", line),
	     *longer = xasprintf("\n%s2\n", line),
	     *wrong = xasprintf("\nchildren = %0*dx", 4080, 1),
	     *odd = xasprintf("\n%s", line + strlen("command = "));
	struct settings *s;

	g.file = comment;
	s = load(&g);
	if (ok(s != NULL, "the longest line loads, its comment not counted"))
		is_int(strlen(s->queues[0].command[0]), 4086,
		    "and comes in whole");
	settings_free(s);
	g.command[0] = "work";
	g.file = longer;
	problem_is(&g,
	    "a line of 4097 bytes is longer than 4096; a long command fits "
	    "into a script (f:2)",
	    "a longer one is refused");
	g.file = wrong;
	settings_free(load(&g));
	is_int(problems.len, 1000, "a wrong value of any length is cut");
	ok(strncmp(buf_str(&problems), "children: \"000", 14) == 0 &&
		strstr(buf_str(&problems), "0 ... 0") != NULL &&
		strstr(buf_str(&problems),
		    "0001x\" is not a whole number from 0 to 1000 (f:2)") !=
		    NULL,
	    "in its middle");
	g.file = odd;
	settings_free(load(&g));
	ok(strstr(buf_str(&problems), "01\" is not NAME = VALUE (f:2)") != NULL,
	    "so is a line that is none");
	free(line);
	free(comment);
	free(longer);
	free(wrong);
	free(odd);
	g.file = "# " S63 S63 S63 S63 "\ncommand = work\n";
	s = load(&g);
	ok(s != NULL, "a comment may be as long as it likes");
	settings_free(s);
}

static void
test_unreadable_files(void)
{
	struct settings_input in = { .file = "/nonexistent/x.conf" };
	char path[] = "/tmp/sqsherd-settings-XXXXXX";
	int fd = mkstemp(path);
	struct settings *s;

	buf_reset(&problems);
	s = settings_load(&in, on_problem, NULL);
	ok(s == NULL &&
		strstr(buf_str(&problems),
		    "cannot read the settings file: No such file or directory "
		    "(/nonexistent/x.conf)") != NULL,
	    "a file that does not exist is named with the reason");
	buf_reset(&problems);
	in.file = "/";
	s = settings_load(&in, on_problem, NULL);
	ok(s == NULL &&
		strstr(buf_str(&problems),
		    "cannot read the settings file: Is a directory (/)") !=
		    NULL,
	    "a directory is no settings file");
	buf_reset(&problems);
	in.file = "/dev/zero";
	s = settings_load(&in, on_problem, NULL);
	ok(s == NULL &&
		strstr(buf_str(&problems), "not a regular file (/dev/zero)") !=
		    NULL,
	    "a file without end is refused");
	buf_reset(&problems);
	in.file = path;
	if (!ok(fd != -1 && ftruncate(fd, 256 * 1024 + 1) == 0, "a large file"))
		return;
	s = settings_load(&in, on_problem, NULL);
	ok(s == NULL && strstr(buf_str(&problems), "is larger than") != NULL,
	    "is refused");
	(void)close(fd);
	(void)unlink(path);
}

/* ---- what is missing or does not go together ---- */

static void
test_missing(void)
{
	problem_is(&(struct given){ .command = { "work" } },
	    "queue_url: not set; give -q, SQS_QUEUE_URL or queue_url in a "
	    "file",
	    "without a queue the message says what to set");
	problem_is(&(struct given){ .q = URL },
	    "command: not set; give it behind --, or command in a file",
	    "without a command the message says so");
	problem_is(&(struct given){ .q = "https://h.example/1/jobs",
		       .command = { "work" } },
	    "region: not set, and the queue URL does not name it; set "
	    "AWS_REGION or region (queue jobs)",
	    "without a region the message names AWS_REGION");
	problem_is(&(struct given){ .q = "https://h.example/1/jobs",
		       .o = { "endpoint_url=https://e.example" },
		       .command = { "work" } },
	    "region: not set, and the queue URL does not name it; set "
	    "AWS_REGION or region (queue jobs)",
	    "an endpoint elsewhere does not make a region");
	problem_is(&(struct given){ .q = "http://h.example/1/jobs",
		       .o = { "region=x-1" },
		       .command = { "work" } },
	    "queue_url: \"http://h.example/1/jobs\" is plain http to another "
	    "host; use https, or set allow_http (-q)",
	    "plain http to another host is refused");
	problem_is(&(struct given){ .q = "http://h.example/1/jobs",
		       .o = { "region=x-1", "allow_http=yes" },
		       .command = { "work" } },
	    "", "but not with allow_http");
}

static void
test_sections_against_flags(void)
{
	problem_is(&(struct given){ .file = SECTION, .q = URL },
	    "-q cannot say which [queue] section of f it is for",
	    "-q beside sections is refused");
	problem_is(&(struct given){ .file = SECTION, .command = { "work" } },
	    "a command behind -- cannot say which [queue] section of f it is "
	    "for",
	    "a command beside sections is refused");
	problem_is(&(struct given){ .file = SECTION SECTION2
		       "[queue c]\n"
		       "queue_url=" URL "\ncommand=c\n"
		       "[queue d]\n"
		       "queue_url=" URL "\ncommand=c\n"
		       "[queue e]\n"
		       "queue_url=" URL "\ncommand=c\n",
		       .j = "1000" },
	    "children: 5000 in 5 queues are more than 4096",
	    "too many children over all queues are refused");
}

static void
test_unknown_variables(void)
{
	problem_is(&(struct given){ .q = URL,
		       .command = { "work" },
		       .env = { "SQSHERD_CHILDERN=4" } },
	    "unknown setting; did you mean \"SQSHERD_CHILDREN\"? "
	    "(environment SQSHERD_CHILDERN)",
	    "a mistyped variable is refused with the nearest name");
	problem_is(&(struct given){ .q = URL,
		       .command = { "work" },
		       .env = { "SQSHERD_children=4" } },
	    "unknown setting; did you mean \"SQSHERD_CHILDREN\"? "
	    "(environment SQSHERD_children)",
	    "a variable in lower case is refused");
	problem_is(&(struct given){ .q = URL,
		       .command = { "work" },
		       .env = { "SQSHERD_" S63 S63 "=4" } },
	    "unknown setting (environment SQSHERD_" S63 S63 ")",
	    "a variable with a very long name is refused");
	problem_is(&(struct given){ .q = URL,
		       .command = { "work" },
		       .env = { "SQSHERD_CHILDREN=\nfoo\x1b" } },
	    "children: \"foo\\u001b\" is not a whole number from 0 to 1000 "
	    "(environment SQSHERD_CHILDREN)",
	    "a message has no control character of its value");
	problem_is(&(struct given){ .q = URL,
		       .command = { "work" },
		       .env = { "SQSHERD", "XSQSHERD_FOO=1", "PATH=x" } },
	    "", "other variables are left alone");
	problem_is(&(struct given){ .q = URL,
		       .command = { "work" },
		       .env = { "SQSHERD_SERVICE_HOST=10.0.0.1",
			   "SQSHERD_SERVICE_PORT=80",
			   "SQSHERD_SERVICE_PORT_HTTP_ALT=80",
			   "SQSHERD_PORT=tcp://10.0.0.1:80",
			   "SQSHERD_PORT_80_TCP=tcp://10.0.0.1:80",
			   "SQSHERD_PORT_80_TCP_PROTO=tcp",
			   "SQSHERD_PORT_53_UDP_PORT=53",
			   "SQSHERD_PORT_9_SCTP_ADDR=fd00::1" } },
	    "", "those of a Kubernetes Service are no settings");
	problem_is(&(struct given){ .q = URL,
		       .command = { "work" },
		       .env = { "SQSHERD_A_B2_SERVICE_HOST=10.0.0.1",
			   "SQSHERD_A_B2_SERVICE_PORT_X=80",
			   "SQSHERD_CHILDERN_PORT=udp://10.0.0.1:80",
			   "SQSHERD_A_B2_PORT_80_TCP=tcp://10.0.0.1:80" } },
	    "", "nor those of one whose name begins so");
	problem_is(&(struct given){ .q = URL,
		       .command = { "work" },
		       .env = { "SQSHERD_PORT=80", "SQSHERD_HOST=10.0.0.1",
			   "SQSHERD_METRICS_PORT=9", "SQSHERD_PORT_80_TLS=1",
			   "SQSHERD_PORT_TCP=1", "SQSHERD_PORT_80_TCP_X=1",
			   "SQSHERD_XSERVICE_HOST=1" } },
	    "unknown setting (environment SQSHERD_PORT)\n"
	    "unknown setting (environment SQSHERD_HOST)\n"
	    "unknown setting (environment SQSHERD_METRICS_PORT)\n"
	    "unknown setting (environment SQSHERD_PORT_80_TLS)\n"
	    "unknown setting (environment SQSHERD_PORT_TCP)\n"
	    "unknown setting (environment SQSHERD_PORT_80_TCP_X)\n"
	    "unknown setting (environment SQSHERD_XSERVICE_HOST)",
	    "what only looks like them is refused");
}

/* ---- precedence ---- */

/* The value and origin that --print shows of a setting; freed by the next. */
static const char *
printed(const struct settings *s, const char *name)
{
	static char *line;
	char *text, *p, *key = xasprintf("\n%s = ", name);

	free(line);
	line = NULL;
	if (s == NULL) {
		free(key);
		return buf_str(&problems);
	}
	text = print(s);
	buf_reset(&problems);
	buf_printf(&problems, "\n%s", text);
	p = strstr(buf_str(&problems), key);
	if (p != NULL) {
		p += strlen(key);
		line = xmemdup0(p, strcspn(p, "\n"));
	}
	free(text);
	free(key);
	return line;
}

static void
prints(const struct given *g, const char *setting, const char *want,
    const char *name)
{
	struct settings *s = load(g);

	is_str(printed(s, setting), want, name);
	settings_free(s);
}

static void
test_precedence(void)
{
	struct given g = { .q = LOCAL, .command = { "work" } };

	prints(&g, "receive_max", "1    # default", "there is a default");
	g.file = "receive_max = 2\nmax_attempts = 4\nchildren = 2\n";
	prints(&g, "receive_max", "2    # f:1", "the file beats the default");
	prints(&g, "max_attempts", "4    # f:2",
	    "the file beats the default of a global setting");
	g.env[0] = "SQSHERD_RECEIVE_MAX= 3 ";
	g.env[1] = "AWS_MAX_ATTEMPTS=5";
	prints(&g, "receive_max", "3    # environment SQSHERD_RECEIVE_MAX",
	    "the environment beats the file");
	prints(&g, "max_attempts", "5    # environment AWS_MAX_ATTEMPTS",
	    "AWS's own name beats the file");
	g.env[2] = "SQSHERD_MAX_ATTEMPTS=6";
	prints(&g, "max_attempts", "6    # environment SQSHERD_MAX_ATTEMPTS",
	    "our own name beats AWS's");
	g.env[1] = "AWS_MAX_ATTEMPTS=12";
	g.env[2] = "AWS_USE_FIPS_ENDPOINT=TRUE";
	g.env[3] = "AWS_USE_DUALSTACK_ENDPOINT=True";
	g.q = "https://sqs.eu-west-1.amazonaws.com/1/jobs";
	prints(&g, "max_attempts", "12    # environment AWS_MAX_ATTEMPTS",
	    "what AWS's SDKs take is taken: many attempts");
	prints(&g, "use_fips_endpoint",
	    "yes    # environment AWS_USE_FIPS_ENDPOINT", "upper case");
	prints(&g, "use_dualstack_endpoint",
	    "yes    # environment AWS_USE_DUALSTACK_ENDPOINT", "and a capital");
	g.q = LOCAL;
	g.env[1] = "AWS_MAX_ATTEMPTS=5";
	g.env[2] = "SQSHERD_MAX_ATTEMPTS=6";
	g.env[3] = NULL;
	g.o[0] = " receive_max = 4 ";
	g.o[1] = "max_attempts=7";
	prints(&g, "receive_max", "4    # -o receive_max",
	    "-o beats the environment, with blanks around =");
	prints(&g, "max_attempts", "7    # -o max_attempts",
	    "-o beats the environment of a global setting");
	g.o[2] = "receive_max=5";
	prints(&g, "receive_max", "5    # -o receive_max",
	    "the last -o beats the one before");
	g.o[2] = "receive_max=auto";
	prints(&g, "receive_max", "auto    # -o receive_max",
	    "a word can stand for a number");
	g.o[3] = "children=4";
	prints(&g, "children", "4    # -o children",
	    "-o beats the file for children");
	g.j = "5";
	prints(&g, "children", "5    # -j", "-j beats -o");
}

static void
test_environment(void)
{
	prints(&(struct given){ .command = { "work" },
		   .env = { "SQS_QUEUE_URL=" URL } },
	    "queue_url", URL "    # environment SQS_QUEUE_URL",
	    "SQS_QUEUE_URL is enough of a queue");
	prints(&(struct given){ .env = { "SQSHERD_COMMAND=a 'b c'" },
		   .q = URL },
	    "command", "a 'b c'    # environment SQSHERD_COMMAND",
	    "the command may come from the environment");
	prints(&(struct given){ .q = LOCAL,
		   .command = { "work" },
		   .env = { "AWS_REGION= ", "AWS_DEFAULT_REGION=x-2" } },
	    "region", "x-2    # environment AWS_DEFAULT_REGION",
	    "a blank variable counts as unset");
	prints(&(struct given){ .q = LOCAL,
		   .command = { "work" },
		   .env = { "AWS_REGION=x-1", "AWS_DEFAULT_REGION=x-2" } },
	    "region", "x-1    # environment AWS_REGION",
	    "AWS_REGION beats AWS_DEFAULT_REGION");
	prints(&(struct given){ .q = URL,
		   .command = { "work" },
		   .env = { "AWS_ENDPOINT_URL=http://localhost:1",
		       "AWS_ENDPOINT_URL_SQS=http://localhost:2" } },
	    "endpoint_url",
	    "http://localhost:2    # environment AWS_ENDPOINT_URL_SQS",
	    "an endpoint for SQS beats the one for all services");
	prints(&(struct given){ .q = URL,
		   .command = { "work" },
		   .env = { "AWS_ENDPOINT_URL=http://localhost:1",
		       "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=True" } },
	    "endpoint_url", NULL, "configured endpoints can be ignored");
	prints(&(struct given){ .q = URL,
		   .command = { "work" },
		   .env = { "SQSHERD_ENDPOINT_URL=http://localhost:1",
		       "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true" } },
	    "endpoint_url",
	    "http://localhost:1    # environment SQSHERD_ENDPOINT_URL",
	    "but not the endpoint that is our own setting");
	prints(&(struct given){ .q = URL,
		   .command = { "work" },
		   .env = { "AWS_ENDPOINT_URL=http://localhost:1",
		       "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=false" } },
	    "endpoint_url",
	    "http://localhost:1    # environment AWS_ENDPOINT_URL",
	    "and not if the switch says false");
}

/* ---- sections ---- */

static void
test_sections(void)
{
	struct given g = { .file = "children = 3\nwait_time = 7\n" SECTION
				   "children = 4\n" SECTION2,
		.env = { "SQS_QUEUE_URL=" LOCAL, "SQSHERD_COMMAND=other" } };
	struct settings *s = load(&g);

	if (!ok(s != NULL && s->n_queues == 2, "two sections are two queues")) {
		printf("# %s\n", buf_str(&problems));
		return;
	}
	is_str(s->queues[0].name, "a", "a queue has its section's name");
	is_int(s->queues[0].children, 4, "a section beats what is before it");
	is_int(s->queues[1].children, 3, "which holds for the others");
	is_int(s->queues[0].wait_time_ms, 7000, "and for what it is silent of");
	is_str(s->queues[1].queue_url, URL "2",
	    "SQS_QUEUE_URL is ignored beside sections");
	is_str(s->queues[0].command[0], "work",
	    "SQSHERD_COMMAND is ignored beside sections");
	settings_free(s);

	g.env[2] = "SQSHERD_CHILDREN=5";
	g.o[0] = "wait_time=9";
	g.o[1] = "command=debug me";
	s = load(&g);
	if (!ok(s != NULL, "sections go with the environment and -o"))
		return;
	ok(s->queues[0].children == 5 && s->queues[1].children == 5,
	    "the environment holds for all queues");
	ok(s->queues[0].wait_time_ms == 9000 &&
		s->queues[1].wait_time_ms == 9000,
	    "-o holds for all queues");
	is_str(s->queues[1].command[1], "me", "-o command does so, too");
	settings_free(s);

	problem_is(&(struct given){ .file = SECTION "[ queue  b\t]\n"
						    "queue_url = " URL "\n"
						    "command = x\n" },
	    "", "two sections may share a queue URL");
}

static void
test_file_syntax(void)
{
	struct given g = { .file = "\xEF\xBB\xBF; a comment\r\n"
				   "  receive_max = 2\t; two\r\n"
				   "\tqueue_url: " LOCAL " # here\r\n"
				   "command = a;b c#d\r\n"
				   "extend=off" };
	struct settings *s = load(&g);

	if (!ok(s != NULL, "CR, BOM, indentation and comments are taken")) {
		printf("# %s\n", buf_str(&problems));
		return;
	}
	is_int(s->queues[0].receive_max, 2, "a comment ends a value");
	is_str(s->queues[0].queue_url, LOCAL, "a colon is as good as =");
	is_str(s->queues[0].command[0], "a;b",
	    "no blank before ; and it is no comment");
	is_str(s->queues[0].command[1], "c#d", "nor is #");
	ok(!s->queues[0].extend, "the last line needs no line feed");
	settings_free(s);
}

/* ---- what is derived ---- */

static void
test_regions(void)
{
	static const struct {
		const char *url, *region;
	} cases[] = {
		{ URL, "eu-west-1" },
		{ "https://SQS.EU-WEST-1.amazonaws.com/1/q", "eu-west-1" },
		{ "https://sqs.cn-north-1.amazonaws.com.cn/1/q", "cn-north-1" },
		{ "https://sqs.eu-west-1.api.aws/1/q", "eu-west-1" },
		{ "https://sqs-fips.us-gov-west-1.amazonaws.com/1/q",
		    "us-gov-west-1" },
		{ "https://vpce-0a1-b2.sqs.eu-central-1.vpce.amazonaws.com/1/q",
		    "eu-central-1" },
		{ "https://eu-west-3.queue.amazonaws.com/1/q", "eu-west-3" },
		{ "https://queue.amazonaws.com/1/q", "us-east-1" },
		{ LOCAL, "us-east-1" },
		{ "http://localhost/q", "us-east-1" },
		{ "http://127.9.9.9:80/q", "us-east-1" },
		{ "http://[::1]:4566/1/q", "us-east-1" },
		{ "https://sqs.example/1/q", NULL },
		{ "https://sqs.eu-west-1/1/q", NULL },
		{ "https://sqs.localhost.example/1/q", NULL },
		{ "https://xsqs.eu-west-1.amazonaws.com/1/q", NULL },
		{ "https://example/sqs.eu-west-1.amazonaws.com/q", NULL },
		{ "https://127.0.0.1.example/1/q", NULL },
		{ "https://128.0.0.1/1/q", NULL },
		{ "https://[::2]/1/q", NULL },
	};
	struct given g = { .command = { "work" } };
	struct settings *s;
	char *name;
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		g.q = cases[i].url;
		s = load(&g);
		name = xasprintf("the region of %s is %s", g.q,
		    cases[i].region != NULL ? cases[i].region : "unknown");
		is_str(s != NULL ? s->queues[0].region : NULL, cases[i].region,
		    name);
		settings_free(s);
		free(name);
	}
}

static void
test_which_region(void)
{
	struct given g = { .q = URL,
		.command = { "work" },
		.env = { "AWS_REGION=us-west-2" } };

	prints(&g, "region", "eu-west-1    # queue URL",
	    "a queue URL's region beats that of the environment");
	g.env[0] = "SQSHERD_REGION=us-west-2";
	prints(&g, "region", "us-west-2    # environment SQSHERD_REGION",
	    "but not our own variable");
	g.env[0] = NULL;
	g.file = "region = us-west-2";
	prints(&g, "region", "us-west-2    # f:1", "nor the file");
	g.o[0] = "region=us-west-1";
	prints(&g, "region", "us-west-1    # -o region", "nor -o");
	g = (struct given){ .q = "https://h.example/q",
		.command = { "work" },
		.o = { "endpoint_url=http://localhost:1" } };
	prints(&g, "region", "us-east-1    # default for a loopback address",
	    "a loopback endpoint needs no region");
}

static void
test_derived(void)
{
	struct given g = { .q = LOCAL ".fifo", .command = { "work", "a" } };
	struct settings *s = load(&g);

	if (!ok(s != NULL && s->n_queues == 1, "there is an implicit queue"))
		return;
	is_str(s->queues[0].name, "jobs.fifo", "named as its URL ends");
	ok(s->queues[0].fifo, "and .fifo makes it FIFO");
	ok(s->queues[0].children > 0, "0 children become one for each CPU");
	is_str(s->queues[0].command[1], "a", "the command has its arguments");
	ok(s->queues[0].command[2] == NULL, "and an end");
	is_int(s->log_level, LOG_LEVEL_INFO, "words are stored as their enum");
	is_int(s->log_format, LOG_FORMAT_AUTO, "for the format, too");
	is_int(s->queues[0].retry_cap_ms, 900000, "durations are in ms");
	ok(s->queues[0].endpoint_url == NULL && s->ca_bundle == NULL,
	    "what has no default is NULL");
	settings_free(s);
	g.q = URL;
	s = load(&g);
	ok(s != NULL && !s->queues[0].fifo, "other queues are not FIFO");
	settings_free(s);
}

/* ---- printing ---- */

/* Cuts the origins, which differ after a round trip. */
static void
cut_origins(char *text)
{
	char *p = text, *end;

	while ((p = strstr(p, "    # ")) != NULL) {
		end = p + strcspn(p, "\n");
		memmove(p, end, strlen(end) + 1);
	}
}

static void
round_trip(const struct given *g, const char *name)
{
	struct given again = { 0 };
	struct settings *s = load(g);
	char *first, *second = NULL;

	if (s == NULL) {
		is_str(buf_str(&problems), "", name);
		return;
	}
	first = print(s);
	settings_free(s);
	again.file = first;
	s = load(&again);
	if (s != NULL) {
		second = print(s);
		cut_origins(second);
	} else
		printf("# %s\n", buf_str(&problems));
	cut_origins(first);
	is_str(second, first, name);
	settings_free(s);
	free(first);
	free(second);
}

static void
test_print(void)
{
	static const char *const words[] = { "a b", "'", "a ; b", "x #", "",
		"$", "a\nb\x01\x7f\t", "\\", "\"`$x\"", "$'x", "\xC3\xA4",
		"*" };
	struct given g = { .q = LOCAL, .command = { "work" } };
	struct settings *s;
	char *name;
	size_t i;

	round_trip(&g, "printed defaults load again with the same values");
	g.o[0] = "job_timeout=1.5s";
	g.o[1] = "ca_bundle=/a b/c";
	g.env[0] = "AWS_ENDPOINT_URL=http://[::1]:1/x";
	g.file = "log_level = error\nextend = no\nrestart_cap = 1h\n";
	round_trip(&g, "printed values of every level do so, too");
	round_trip(&(struct given){ .file = "children = 1\n" SECTION
					    "children = 2\n" SECTION2 },
	    "printed sections do so, too");
	for (i = 0; i < nitems(words); i++) {
		g.command[1] = words[i];
		name = xasprintf("a printed command holds word %zu", i);
		round_trip(&g, name);
		free(name);
	}
	g.command[1] = "a\n'#";
	prints(&g, "command", "work $'a\\n\\'\\x23'    # command line",
	    "line breaks and quotes are printed as escapes");
	s = load(&g);
	is_str(printed(s, "ca_bundle"), "/a b/c    # -o ca_bundle",
	    "a path may have a blank in it");
	settings_free(s);
}

static void
test_help(void)
{
	char *text = NULL, *line;
	size_t len, i, longest = 0, n;
	FILE *f = open_memstream(&text, &len);
	bool all = f != NULL;

	if (f == NULL)
		abort();
	settings_print_help(f);
	fclose(f);
	for (i = 0; i < settings_table_size; i++)
		all = all && strstr(text, settings_table[i].name) != NULL &&
		    strstr(text, settings_table[i].help) != NULL;
	ok(all, "the help has every setting");
	for (line = text; *line != '\0'; line += n + (line[n] == '\n')) {
		n = strcspn(line, "\n");
		longest = n > longest ? n : longest;
	}
	ok(longest <= 80, "and fits a terminal of 80 columns");
	free(text);
}

/* ---- the sample file ---- */

/* SOURCE_DIR is the Makefile's, so that the program runs from anywhere. */
#define SAMPLE SOURCE_DIR "/etc/sqsherd.conf"

static char *
read_sample(void)
{
	char text[32768];
	size_t n;
	FILE *f = fopen(SAMPLE, "r");

	if (f == NULL)
		return NULL;
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	return xmemdup0(text, n);
}

static void
test_sample_row(const char *sample, const struct settings_row *row)
{
	char *name = xasprintf("etc/sqsherd.conf shows %s%s", row->name,
	    row->default_value != NULL ? " at its default" : "");
	char *want = row->default_value != NULL
	    ? xasprintf("\n#%s = %s\n", row->name, row->default_value)
	    : xasprintf("\n#%s = ", row->name);

	ok(strstr(sample, want) != NULL, name);
	free(want);
	free(name);
}

/* Removes the # of each line that then is a setting or a section. */
static void
uncomment(char *text)
{
	char *p = text;
	size_t n;

	while ((p = strstr(p, "\n#")) != NULL) {
		n = strspn(p + 2, "abcdefghijklmnopqrstuvwxyz_");
		if (p[2] == '[' || (n > 0 && strncmp(p + 2 + n, " = ", 3) == 0))
			p[1] = ' ';
		p++;
	}
}

static void
test_sample(void)
{
	struct given g = { .q = URL, .command = { "work" } };
	struct settings_input in = { .file = SAMPLE };
	char *sample = read_sample();
	struct settings *s;
	size_t i;

	ok(sample != NULL, "the sample file can be read");
	if (sample == NULL)
		return;
	for (i = 0; i < settings_table_size; i++)
		test_sample_row(sample, &settings_table[i]);
	g.file = sample;
	problem_is(&g, "", "the sample file loads as it is");
	in.queue_url = URL;
	in.children = "many";
	buf_reset(&problems);
	settings_free(settings_load(&in, on_problem, NULL));
	is_str(buf_str(&problems),
	    "children: \"many\" is not a whole number from 0 to 1000 (-j)\n"
	    "command: not set; give it behind --, or command in a file",
	    "also from the disk, which sets nothing");
	uncomment(sample);
	s = load(&(struct given){ .file = sample });
	is_str(buf_str(&problems), "", "and with every line of it in effect");
	is_int(s != NULL ? s->n_queues : 0, 2, "when it has two queues");
	settings_free(s);
	free(sample);
}

/* ---- the table ---- */

static bool
row_is_sound(const struct settings_row *row)
{
	bool bounded = row->type == SETTINGS_INT ||
	    row->type == SETTINGS_DURATION || row->type == SETTINGS_SIZE;

	return bounded == (row->max > row->min) &&
	    (row->type == SETTINGS_ENUM) == (row->words != NULL) &&
	    (row->default_value != NULL || row->type == SETTINGS_STRING ||
		row->type == SETTINGS_COMMAND) &&
	    row->help != NULL && row->help[strlen(row->help) - 1] != '.';
}

static void
test_table(void)
{
	bool sound = true, unique = true;
	size_t i, j;

	for (i = 0; i < settings_table_size; i++) {
		sound = sound && row_is_sound(&settings_table[i]);
		for (j = 0; j < i; j++)
			unique = unique &&
			    strcmp(settings_table[i].name,
				settings_table[j].name) != 0 &&
			    (settings_table[i].scope !=
				    settings_table[j].scope ||
				settings_table[i].offset !=
				    settings_table[j].offset);
	}
	ok(sound, "each row has what its type needs");
	ok(unique, "no two rows share a name or a place");
}

/* ---- commands and PATH ---- */

static void
make_file(const char *path, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, mode);

	if (fd == -1 || write(fd, "#!/bin/sh\n", 10) != 10)
		abort();
	close(fd);
}

/* The path that a command becomes, or the problem; borrowed. */
static const char *
resolved(const char *path, const char *command)
{
	static char *result;
	struct given g = { .q = LOCAL, .command = { command } };
	struct settings *s = load(&g);
	int status;

	if (path != NULL)
		setenv("PATH", path, 1);
	else
		unsetenv("PATH");
	buf_reset(&problems);
	status = settings_command_check(s, on_problem, on_problem, NULL);
	free(result);
	result =
	    xstrdup(status == 0 ? s->queues[0].command[0] : buf_str(&problems));
	settings_free(s);
	return result;
}

static void
test_commands(void)
{
	char dir[] = "/tmp/sqsherd-settings-XXXXXX";

	if (mkdtemp(dir) == NULL || chdir(dir) == -1 || mkdir("a", 0700) ||
	    mkdir("b", 0700) || mkdir("b/work", 0700))
		abort();
	make_file("a/work", 0600);
	make_file("work", 0700);
	make_file("plain", 0600);
	is_str(resolved("a:b::/bin", "work"), "./work",
	    "PATH is searched past what is no program, and the empty part is "
	    "here");
	is_str(resolved("/nonexistent:/bin", "sh"), "/bin/sh",
	    "a program is found where PATH says");
	is_str(resolved(NULL, "sh"), "/bin/sh",
	    "without PATH the usual places are searched");
	is_str(resolved("/bin", "./work"), "./work",
	    "a name with a slash stands for itself");
	is_str(resolved("a:b", "work"),
	    "command: \"work\" cannot be started: it is in PATH, but not executable "
	    "(command line)",
	    "what is there but no program is called so");
	is_str(resolved("/bin", "no-such-program"),
	    "command: \"no-such-program\" cannot be started: it is not in PATH (command line)",
	    "what is not in PATH is called so");
	is_str(resolved("/bin", "./plain"),
	    "command: \"./plain\" cannot be started: it is not executable; "
	    "chmod +x it (command line)",
	    "a file that is not executable is refused");
	is_str(resolved("/bin", "./b"),
	    "command: \"./b\" cannot be started: it is a directory (command line)",
	    "a directory is refused");
	is_str(resolved("/bin", "./nothing"),
	    "command: \"./nothing\" cannot be started: it does not exist (command line)",
	    "a file that is not there is refused");
	if (unlink("a/work") || unlink("work") || unlink("plain") ||
	    rmdir("b/work") || rmdir("a") || rmdir("b") || chdir("/") ||
	    rmdir(dir))
		abort();
}

int
main(void)
{
	test_table();
	test_wrong_values();
	test_every_row();
	test_variants();
	test_wrong_queue_urls();
	test_wrong_files();
	test_line_lengths();
	test_unreadable_files();
	test_missing();
	test_sections_against_flags();
	test_unknown_variables();
	test_precedence();
	test_environment();
	test_sections();
	test_file_syntax();
	test_regions();
	test_which_region();
	test_derived();
	test_print();
	test_help();
	test_sample();
	test_commands();
	buf_release(&problems);
	return tap_done();
}
