/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The levels of precedence are read from the weakest to the strongest: each
 * overwrites values that the one before it has set, and their origins.
 */
#include "common/settings/settings_load.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/words.h"
#include "common/base/xalloc.h"
#include "common/settings/settings_check.h"
#include "common/settings/settings_draft.h"
#include "common/settings/settings_file.h"
#include "common/settings/settings_table.h"
#include "common/settings/settings_value.h"

#include "common/base/banned.h"

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
try_environment(struct settings_draft *d, const struct settings_row *row,
    char *const *environment, const char *name)
{
	const char *value = environment_get(environment, name);
	char *origin;

	if (value == NULL || is_switched_off(environment, name))
		return false;
	origin = xasprintf("environment %s", name);
	settings_draft_assign(d, row, NULL, value, origin);
	free(origin);
	return true;
}

static void
read_row_from_environment(struct settings_draft *d,
    const struct settings_row *row, char *const *environment)
{
	char *name = settings_table_env_name(row);
	const char *const *more = row->env;
	bool found = try_environment(d, row, environment, name);

	for (; !found && more != NULL && *more != NULL; more++)
		found = try_environment(d, row, environment, *more);
	free(name);
}

/* Reports a variable that has the prefix but names no setting. */
static void
report_unknown_variable(struct settings_draft *d, const char *name)
{
	char lower[64], *near_name;
	const struct settings_row *near;
	size_t i, skip = strlen(SETTINGS_ENV_PREFIX);

	for (i = 0; i < sizeof(lower) - 1 && name[skip + i] != '\0'; i++)
		lower[i] = (char)tolower((unsigned char)name[skip + i]);
	lower[i] = '\0';
	near = settings_table_find_nearest(lower);
	if (near == NULL) {
		settings_problem_report(&d->problems,
		    "unknown setting (environment %s)", name);
		return;
	}
	near_name = settings_table_env_name(near);
	settings_problem_report(&d->problems,
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
		known_name = settings_table_env_name(&settings_table[i]);
		known = strcmp(known_name, name) == 0;
		free(known_name);
	}
	return known;
}

/*
 * Kubernetes gives each container variables for the Services of its namespace,
 * which begin with the Service's name in upper case.  Those of a Service that
 * is called "sqsherd" or "sqsherd-..." are no settings.
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
refuse_unknown_variables(struct settings_draft *d, char *const *environment)
{
	char *name;

	for (; environment != NULL && *environment != NULL; environment++) {
		if (strncmp(*environment, SETTINGS_ENV_PREFIX,
			strlen(SETTINGS_ENV_PREFIX)) != 0)
			continue;
		name = xmemdup0(*environment, strcspn(*environment, "="));
		if (!is_known_variable(name) && !is_of_service(*environment))
			report_unknown_variable(d, name);
		free(name);
	}
}

static void
read_environment(struct settings_draft *d, char *const *environment,
    bool has_sections)
{
	size_t i;

	for (i = 0; i < settings_table_size; i++)
		/*
		 * If there are sections, each has the required rows of its
		 * queue itself.
		 */
		if (!has_sections || !settings_table[i].required)
			read_row_from_environment(d, &settings_table[i],
			    environment);
	refuse_unknown_variables(d, environment);
}

/* ---- the command line ---- */

static void
read_assignment(struct settings_draft *d, const char *text)
{
	size_t len = strcspn(text, "=");
	char *name = settings_value_trim(text, len);
	char *origin = xasprintf("-o %s", name);
	const struct settings_row *row = settings_table_find(name);

	if (text[len] != '=')
		settings_problem_report(&d->problems,
		    "\"%s\" is not NAME=VALUE (-o)", text);
	else if (row != NULL)
		settings_draft_assign(d, row, NULL, text + len + 1, origin);
	else
		settings_draft_report_unknown(d, name, "-o");
	free(origin);
	free(name);
}

static void
read_command(struct settings_draft *d, char *const *command)
{
	const struct settings_row *row = SETTINGS_QUEUE_ROW(command);
	union settings_value v = { .argv = words_copy(command) };

	settings_draft_store(d, row, NULL, v, "command line");
	settings_value_release(row, v);
}

static void
read_flags(struct settings_draft *d, const struct settings_input *in,
    bool has_sections)
{
	bool has_command = in->command != NULL && in->command[0] != NULL;

	if (in->children != NULL)
		settings_draft_assign(d, SETTINGS_QUEUE_ROW(children), NULL,
		    in->children, "-j");
	if (in->queue_url != NULL && has_sections)
		settings_problem_report(&d->problems,
		    "-q cannot say which [queue] section of %s it is for",
		    in->file);
	else if (in->queue_url != NULL)
		settings_draft_assign(d, SETTINGS_QUEUE_ROW(queue_url), NULL,
		    in->queue_url, "-q");
	if (has_command && has_sections)
		settings_problem_report(&d->problems,
		    "a command behind -- cannot say which [queue] section of "
		    "%s it is for",
		    in->file);
	else if (has_command)
		read_command(d, in->command);
}

/* ---- all levels ---- */

struct settings *
settings_load(const struct settings_input *in, settings_problem_fn *problem,
    void *arg)
{
	struct settings_draft d;
	bool has_sections;
	size_t i;

	settings_draft_init(&d, problem, arg);
	if (in->file_bytes.p != NULL)
		settings_file_parse(&d, in->file, in->file_bytes);
	else if (in->file != NULL)
		settings_file_read(&d, in->file);
	has_sections = d.s->n_queues > 0;
	if (!has_sections)
		settings_draft_add_only_queue(&d);
	read_environment(&d, in->environ_, has_sections);
	for (i = 0; i < in->n_assignments; i++)
		read_assignment(&d, in->assignments[i]);
	read_flags(&d, in, has_sections);
	settings_check(&d);
	return settings_draft_finish(&d);
}
