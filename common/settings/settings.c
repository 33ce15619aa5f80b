/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The levels of precedence, from the weakest to the strongest: each overwrites
 * what the one before it has set, and the origin with it.  See settings.h.
 */
#include "common/settings/settings.h"

#include <assert.h>
#include <ctype.h>
#include <regex.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/buf.h"
#include "common/base/plain.h"
#include "common/base/xalloc.h"
#include "common/settings/settings_internal.h"

#include "common/base/banned.h"

enum {
	PROBLEM_MAX_BYTES = 1000, /* as much as a person reads */
	MESSAGE_MAX_BYTES = 4096,
	TEXT_MAX_BYTES = 1024 * 1024
};

/* ---- problems and origins ---- */

static char *
plain_copy(const char *text)
{
	struct buf plain = BUF_INIT(TEXT_MAX_BYTES);
	char *copy;

	plain_puts(&plain, text);
	copy = xstrdup(buf_str(&plain));
	buf_release(&plain);
	return copy;
}

/* Of a long value; the name of the setting comes first, the place last. */
static void
cut_middle(char *message)
{
	static const char gap[] = " ... ";
	size_t len = strlen(message);
	char *end = message + PROBLEM_MAX_BYTES / 2;

	if (len <= PROBLEM_MAX_BYTES)
		return;
	memcpy(end - strlen(gap), gap, strlen(gap));
	memmove(end, message + len - PROBLEM_MAX_BYTES / 2,
	    PROBLEM_MAX_BYTES / 2 + 1);
}

void
settings_problem(struct settings_loader *l, const char *fmt, ...)
{
	char *message, *plain;
	va_list ap;

	l->n_problems++;
	va_start(ap, fmt);
	message = xvasprintf(fmt, ap);
	va_end(ap);
	cut_middle(message);
	plain = plain_copy(message);
	l->problem(l->arg, plain);
	free(plain);
	free(message);
}

const char *
settings_origin_text(const struct settings_origin *origins,
    const struct settings_row *row)
{
	const char *text = origins[row - settings_table].text;

	return text != NULL ? text : "default";
}

bool
settings_is_given(const struct settings *s, const char *name)
{
	return s->origins[settings_find(name) - settings_table].text != NULL;
}

void
settings_set_origin(struct settings_origin *origins, size_t i, const char *text)
{
	/* The name of a file may hold anything. */
	char *copy = text != NULL ? plain_copy(text) : NULL;

	free(origins[i].text);
	origins[i].text = copy;
}

static struct settings_origin *
new_origins(void)
{
	return xcalloc(settings_table_size + 1, sizeof(struct settings_origin));
}

static void
free_origins(struct settings_origin *origins)
{
	size_t i;

	if (origins == NULL)
		return;
	for (i = 0; i <= settings_table_size; i++)
		free(origins[i].text);
	free(origins);
}

/* ---- owners of values ---- */

static void
set_defaults(enum settings_scope scope, void *owner)
{
	const struct settings_row *row;
	union settings_value v;
	struct buf why = BUF_INIT(MESSAGE_MAX_BYTES);
	size_t i;

	for (i = 0; i < settings_table_size; i++) {
		row = &settings_table[i];
		if (row->scope != scope || row->default_value == NULL)
			continue;
		if (settings_value_parse(row, row->default_value, &v, &why) ==
		    -1)
			assert(!"a default that its own row refuses");
		else
			settings_value_store(row, owner, v);
	}
	buf_release(&why);
}

static void
release_values(enum settings_scope scope, void *owner)
{
	const struct settings_row *row;
	size_t i;

	for (i = 0; i < settings_table_size; i++) {
		row = &settings_table[i];
		if (row->scope == scope)
			settings_value_release(row,
			    settings_value_load(row, owner));
	}
}

static void
release_queue(struct queue_settings *q)
{
	release_values(SETTINGS_QUEUE, q);
	free_origins(q->origins);
	free(q->name);
}

static void
copy_queue(struct queue_settings *to, const struct queue_settings *from)
{
	const struct settings_row *row;
	size_t i;

	for (i = 0; i < settings_table_size; i++) {
		row = &settings_table[i];
		if (row->scope != SETTINGS_QUEUE)
			continue;
		settings_value_store(row, to,
		    settings_value_copy(row, settings_value_load(row, from)));
		settings_set_origin(to->origins, i, from->origins[i].text);
	}
}

struct queue_settings *
settings_add_queue(struct settings_loader *l, const char *name,
    const char *origin)
{
	struct settings *s = l->s;
	struct queue_settings *q;
	size_t i;

	for (i = 0; i < s->n_queues; i++) {
		q = &s->queues[i];
		if (strcmp(q->name, name) == 0) {
			settings_problem(l,
			    "[queue %s] is there twice, first at %s (%s)", name,
			    q->origins[settings_table_size].text, origin);
			return NULL;
		}
	}
	s->queues = xreallocarray(s->queues, s->n_queues + 1, sizeof(*q));
	q = &s->queues[s->n_queues++];
	*q = (struct queue_settings){ .origins = new_origins(),
		.name = xstrdup(name) };
	copy_queue(q, &l->base);
	settings_set_origin(q->origins, settings_table_size, origin);
	return q;
}

void
settings_free(struct settings *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->n_queues; i++)
		release_queue(&s->queues[i]);
	free(s->queues);
	release_values(SETTINGS_GLOBAL, s);
	free_origins(s->origins);
	free(s);
}

/* ---- assignments ---- */

/* Takes v over. */
static void
store(const struct settings_row *row, void *owner,
    struct settings_origin *origins, union settings_value v, const char *origin)
{
	settings_value_release(row, settings_value_load(row, owner));
	settings_value_store(row, owner, v);
	settings_set_origin(origins, (size_t)(row - settings_table), origin);
}

/* Stores copies of v in every owner that is meant. */
static void
store_copies(struct settings_loader *l, const struct settings_row *row,
    struct queue_settings *q, union settings_value v, const char *origin)
{
	struct settings *s = l->s;
	size_t i;

	if (row->scope == SETTINGS_GLOBAL)
		store(row, s, s->origins, settings_value_copy(row, v), origin);
	else if (q != NULL)
		store(row, q, q->origins, settings_value_copy(row, v), origin);
	else
		for (i = 0; i < s->n_queues; i++)
			store_copies(l, row, &s->queues[i], v, origin);
}

/* Only the origins, so that the row counts as set. */
static void
mark(struct settings_loader *l, const struct settings_row *row,
    struct queue_settings *q, const char *origin)
{
	struct settings *s = l->s;
	size_t i, at = (size_t)(row - settings_table);

	if (row->scope == SETTINGS_GLOBAL)
		settings_set_origin(s->origins, at, origin);
	else if (q != NULL)
		settings_set_origin(q->origins, at, origin);
	else
		for (i = 0; i < s->n_queues; i++)
			settings_set_origin(s->queues[i].origins, at, origin);
}

static char *
trim(const char *p, size_t len)
{
	while (len > 0 && isspace((unsigned char)p[0])) {
		p++;
		len--;
	}
	while (len > 0 && isspace((unsigned char)p[len - 1]))
		len--;
	return xmemdup0(p, len);
}

void
settings_assign(struct settings_loader *l, const struct settings_row *row,
    struct queue_settings *q, const char *text, const char *origin)
{
	struct buf why = BUF_INIT(MESSAGE_MAX_BYTES);
	char *trimmed = trim(text, strlen(text));
	union settings_value v;

	if (settings_value_parse(row, trimmed, &v, &why) == 0) {
		store_copies(l, row, q, v, origin);
		settings_value_release(row, v);
	} else {
		settings_problem(l, "%s: \"%s\" %s (%s)", row->name, trimmed,
		    buf_str(&why), origin);
		mark(l, row, q, origin);
	}
	free(trimmed);
	buf_release(&why);
}

/* ---- the environment ---- */

/* The value, or NULL if it is unset or blank. */
static const char *
environment_get(char *const *environment, const char *name)
{
	size_t len = strlen(name);
	const char *value;

	for (; environment != NULL && *environment != NULL; environment++)
		if (strncmp(*environment, name, len) == 0 &&
		    (*environment)[len] == '=') {
			value = *environment + len + 1;
			return value[strspn(value, " \t\r\n")] != '\0' ? value
								       : NULL;
		}
	return NULL;
}

static char *
environment_name(const struct settings_row *row)
{
	char *name = xasprintf(SETTINGS_ENV_PREFIX "%s", row->name), *p;

	for (p = name; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	return name;
}

/* AWS's switch that turns configured endpoints off, as its SDKs read it. */
static bool
is_switched_off(char *const *environment, const char *name)
{
	const char *value =
	    environment_get(environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");

	return strncmp(name, "AWS_ENDPOINT_URL", 16) == 0 && value != NULL &&
	    strcasecmp(value, "true") == 0;
}

/* Assigns name's value, if it has one. */
static bool
try_environment(struct settings_loader *l, const struct settings_row *row,
    char *const *environment, const char *name)
{
	const char *value = environment_get(environment, name);
	char *origin;

	if (value == NULL || is_switched_off(environment, name))
		return false;
	origin = xasprintf("environment %s", name);
	settings_assign(l, row, NULL, value, origin);
	free(origin);
	return true;
}

static void
read_row_from_environment(struct settings_loader *l,
    const struct settings_row *row, char *const *environment)
{
	char *name = environment_name(row);
	const char *const *more = row->env;
	bool found = try_environment(l, row, environment, name);

	for (; !found && more != NULL && *more != NULL; more++)
		found = try_environment(l, row, environment, *more);
	free(name);
}

/* A variable that begins as ours do but names no setting. */
static void
report_unknown_variable(struct settings_loader *l, const char *name)
{
	char lower[64], *near_name;
	const struct settings_row *near;
	size_t i, skip = strlen(SETTINGS_ENV_PREFIX);

	for (i = 0; i < sizeof(lower) - 1 && name[skip + i] != '\0'; i++)
		lower[i] = (char)tolower((unsigned char)name[skip + i]);
	lower[i] = '\0';
	near = settings_find_nearest(lower);
	if (near == NULL) {
		settings_problem(l, "unknown setting (environment %s)", name);
		return;
	}
	near_name = environment_name(near);
	settings_problem(l,
	    "unknown setting; did you mean \"%s\"? (environment %s)", near_name,
	    name);
	free(near_name);
}

static bool
is_known_variable(const char *name)
{
	bool known = false;
	char *known_name;
	size_t i;

	for (i = 0; !known && i < settings_table_size; i++) {
		known_name = environment_name(&settings_table[i]);
		known = strcmp(known_name, name) == 0;
		free(known_name);
	}
	return known;
}

/*
 * Kubernetes tells each container of the Services of its namespace, in
 * variables that begin with the Service's name in upper case.  Those of one
 * that is called "sqsherd" or "sqsherd-..." are no settings.
 */
#define SERVICE_VARIABLE                                                       \
	"^" SETTINGS_ENV_PREFIX "([A-Z0-9_]+_)?"                               \
	"(SERVICE_HOST=|SERVICE_PORT(_[A-Z0-9_]+)?=|PORT=(tcp|udp|sctp)://|"   \
	"PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?=)"

static bool
is_of_service(const char *variable)
{
	regex_t pattern;
	bool is;

	if (regcomp(&pattern, SERVICE_VARIABLE, REG_EXTENDED | REG_NOSUB) != 0)
		abort(); /* out of memory */
	is = regexec(&pattern, variable, 0, NULL, 0) == 0;
	regfree(&pattern);
	return is;
}

static void
refuse_unknown_variables(struct settings_loader *l, char *const *environment)
{
	char *name;

	for (; environment != NULL && *environment != NULL; environment++) {
		if (strncmp(*environment, SETTINGS_ENV_PREFIX,
			strlen(SETTINGS_ENV_PREFIX)) != 0)
			continue;
		name = xmemdup0(*environment, strcspn(*environment, "="));
		if (!is_known_variable(name) && !is_of_service(*environment))
			report_unknown_variable(l, name);
		free(name);
	}
}

static void
read_environment(struct settings_loader *l, char *const *environment,
    bool has_sections)
{
	size_t i;

	for (i = 0; i < settings_table_size; i++)
		/* What each queue must have, its section brings. */
		if (!has_sections || !settings_table[i].required)
			read_row_from_environment(l, &settings_table[i],
			    environment);
	refuse_unknown_variables(l, environment);
}

/* ---- the command line ---- */

static void
read_assignment(struct settings_loader *l, const char *text)
{
	size_t len = strcspn(text, "=");
	char *name = trim(text, len);
	char *origin = xasprintf("-o %s", name);
	const struct settings_row *row = settings_find(name), *near;

	if (text[len] != '=')
		settings_problem(l, "\"%s\" is not NAME=VALUE (-o)", text);
	else if (row != NULL)
		settings_assign(l, row, NULL, text + len + 1, origin);
	else if ((near = settings_find_nearest(name)) != NULL)
		settings_problem(l,
		    "unknown setting \"%s\"; did you mean \"%s\"? (-o)", name,
		    near->name);
	else
		settings_problem(l, "unknown setting \"%s\" (-o)", name);
	free(origin);
	free(name);
}

static void
read_command(struct settings_loader *l, char *const *command)
{
	const struct settings_row *row = settings_queue_row(command);
	union settings_value v = { .argv = settings_copy_argv(command) };

	store_copies(l, row, NULL, v, "command line");
	settings_value_release(row, v);
}

static void
read_flags(struct settings_loader *l, const struct settings_input *in,
    bool has_sections)
{
	bool has_command = in->command != NULL && in->command[0] != NULL;

	if (in->children != NULL)
		settings_assign(l, settings_queue_row(children), NULL,
		    in->children, "-j");
	if (in->queue_url != NULL && has_sections)
		settings_problem(l,
		    "-q cannot say which [queue] section of %s it is for",
		    in->file);
	else if (in->queue_url != NULL)
		settings_assign(l, settings_queue_row(queue_url), NULL,
		    in->queue_url, "-q");
	if (has_command && has_sections)
		settings_problem(l,
		    "a command behind -- cannot say which [queue] section of "
		    "%s it is for",
		    in->file);
	else if (has_command)
		read_command(l, in->command);
}

/* ---- loading ---- */

/* Without sections the one queue is what the sections would start from. */
static void
make_implicit_queue(struct settings_loader *l)
{
	struct settings *s = l->s;

	s->queues = xcalloc(1, sizeof(*s->queues));
	s->n_queues = 1;
	s->queues[0] = l->base;
	memset(&l->base, 0, sizeof(l->base)); /* transferred */
}

struct settings *
settings_load(const struct settings_input *in, settings_problem_fn *problem,
    void *arg)
{
	struct settings *s = xcalloc(1, sizeof(*s));
	struct settings_loader l = { .s = s, .problem = problem, .arg = arg };
	bool has_sections;
	size_t i;

	s->origins = new_origins();
	l.base.origins = new_origins();
	set_defaults(SETTINGS_GLOBAL, s);
	set_defaults(SETTINGS_QUEUE, &l.base);
	if (in->file_bytes.p != NULL)
		settings_read_bytes(&l, in->file, in->file_bytes);
	else if (in->file != NULL)
		settings_read_file(&l, in->file);
	has_sections = s->n_queues > 0;
	if (!has_sections)
		make_implicit_queue(&l);
	read_environment(&l, in->environ_, has_sections);
	for (i = 0; i < in->n_assignments; i++)
		read_assignment(&l, in->assignments[i]);
	read_flags(&l, in, has_sections);
	settings_check_all(&l);
	release_queue(&l.base);
	if (l.n_problems == 0)
		return s;
	settings_free(s);
	return NULL;
}

/* ---- another load ---- */

static bool
is_same(const struct settings_row *row, const void *a, const void *b)
{
	struct buf text_a = BUF_INIT(TEXT_MAX_BYTES);
	struct buf text_b = BUF_INIT(TEXT_MAX_BYTES);
	bool same;

	settings_value_format(row, settings_value_load(row, a), &text_a);
	settings_value_format(row, settings_value_load(row, b), &text_b);
	same = strcmp(buf_str(&text_a), buf_str(&text_b)) == 0;
	buf_release(&text_a);
	buf_release(&text_b);
	return same;
}

void
settings_report_fixed(const struct settings *then, const struct settings *now,
    settings_problem_fn *report, void *arg)
{
	struct settings_loader l = { .problem = report, .arg = arg };
	const struct settings_row *row;
	size_t i;

	for (i = 0; i < settings_table_size; i++) {
		row = &settings_table[i];
		/* What cannot change is of the whole: no queue has it. */
		if (row->reloadable || row->scope != SETTINGS_GLOBAL ||
		    is_same(row, then, now))
			continue;
		settings_problem(&l, "%s: needs a restart to change (%s)",
		    row->name, settings_origin_text(now->origins, row));
	}
}

/* ---- printing ---- */

static void
print_values(enum settings_scope scope, const void *owner,
    const struct settings_origin *origins, FILE *to)
{
	struct buf value = BUF_INIT(TEXT_MAX_BYTES);
	const struct settings_row *row;
	size_t i;

	for (i = 0; i < settings_table_size; i++) {
		row = &settings_table[i];
		if (row->scope != scope)
			continue;
		buf_reset(&value);
		settings_value_format(row, settings_value_load(row, owner),
		    &value);
		if (value.len == 0)
			(void)fprintf(to, "# %s is not set\n", row->name);
		else
			(void)fprintf(to, "%s = %s    # %s\n", row->name,
			    buf_str(&value),
			    settings_origin_text(origins, row));
	}
	buf_release(&value);
}

void
settings_print(const struct settings *s, FILE *to)
{
	const struct queue_settings *q;
	size_t i;

	print_values(SETTINGS_GLOBAL, s, s->origins, to);
	for (i = 0; i < s->n_queues; i++) {
		q = &s->queues[i];
		(void)fprintf(to, "\n[queue %s]\n", q->name);
		print_values(SETTINGS_QUEUE, q, q->origins, to);
	}
}

static void
print_row_help(const struct settings_row *row, FILE *to)
{
	struct buf allowed = BUF_INIT(MESSAGE_MAX_BYTES);
	const char *const *more;
	char *name = environment_name(row);

	settings_value_describe(row, &allowed);
	(void)fprintf(to, "%s = %s\n", row->name,
	    row->default_value != NULL
		? row->default_value
		: (row->required ? "(required)" : "(not set)"));
	(void)fprintf(to, "        %s\n        %s; %s", row->help,
	    buf_str(&allowed), name);
	for (more = row->env; more != NULL && *more != NULL; more++)
		(void)fprintf(to, ", %s", *more);
	(void)fprintf(to, "\n");
	free(name);
	buf_release(&allowed);
}

static void
print_scope_help(const char *title, enum settings_scope scope, FILE *to)
{
	size_t i;

	(void)fprintf(to, "%s\n", title);
	for (i = 0; i < settings_table_size; i++)
		if (settings_table[i].scope == scope)
			print_row_help(&settings_table[i], to);
}

void
settings_print_help(FILE *to)
{
	print_scope_help("Settings of sqsherd as a whole:\n", SETTINGS_GLOBAL,
	    to);
	print_scope_help("\nSettings of each queue:\n", SETTINGS_QUEUE, to);
}
