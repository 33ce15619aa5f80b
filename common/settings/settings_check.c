/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What is known only once all levels have been read: values that are derived
 * from others, values that must fit each other, and commands that must exist.
 */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/cgroup.h"
#include "common/base/error.h"
#include "common/base/program.h"
#include "common/base/xalloc.h"
#include "common/ipc/control_path.h"
#include "common/settings/settings_internal.h"

#include "common/base/banned.h"

static const char *
queue_origin(const struct queue_settings *q, const struct settings_row *row)
{
	return settings_origin_text(q->origins, row);
}

/* ---- derived values ---- */

/* As many as may be used at once, not as many as there are. */
static int64_t
count_cpus(void)
{
	int64_t granted = cgroup_cpus();
	cpu_set_t set;
	int64_t n;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = CPU_COUNT(&set);
	else
		n = sysconf(_SC_NPROCESSORS_ONLN); /* more than set can hold */
	if (n > granted)
		n = granted;
	if (n < 1)
		return 1;
	return n < SETTINGS_CHILDREN_MAX ? n : SETTINGS_CHILDREN_MAX;
}

static void
derive_children(struct queue_settings *q)
{
	const struct settings_row *row = settings_queue_row(children);
	char *origin;

	if (q->children != 0)
		return;
	q->children = count_cpus();
	origin = xasprintf("%s, one for each CPU", queue_origin(q, row));
	settings_set_origin(q->origins, (size_t)(row - settings_table), origin);
	free(origin);
}

/* Does the region speak of this queue rather than of the environment? */
static bool
region_is_explicit(const struct queue_settings *q)
{
	const char *origin = queue_origin(q, settings_queue_row(region));

	return q->region != NULL &&
	    strncmp(origin, "environment AWS_", 16) != 0;
}

static void
set_region(struct queue_settings *q, const char *region, const char *origin)
{
	free(q->region);
	q->region = xstrdup(region);
	settings_set_origin(q->origins,
	    (size_t)(settings_queue_row(region) - settings_table), origin);
}

static void
derive_region(struct settings_loader *l, struct queue_settings *q)
{
	char region[64];

	if (region_is_explicit(q))
		return;
	if (settings_url_region(q->queue_url, region, sizeof(region)) == 0)
		set_region(q, region, "queue URL");
	else if (q->region != NULL)
		return;
	else if (settings_url_is_loopback(q->queue_url) ||
	    (q->endpoint_url != NULL &&
		settings_url_is_loopback(q->endpoint_url)))
		set_region(q, "us-east-1", "default for a loopback address");
	else
		settings_problem(l,
		    "region: not set, and the queue URL does not tell it; set "
		    "AWS_REGION or region (queue %s)",
		    q->name);
}

static void
derive(struct settings_loader *l, struct queue_settings *q)
{
	const char *name = settings_url_queue_name(q->queue_url);

	if (q->name == NULL)
		q->name = xstrdup(name);
	q->fifo = strchr(name, '.') != NULL;
	derive_children(q);
	derive_region(l, q);
}

/* ---- values together ---- */

static void
check_required(struct settings_loader *l, const struct queue_settings *q)
{
	const struct settings_row *row;
	size_t i;

	for (i = 0; i < settings_table_size; i++) {
		row = &settings_table[i];
		if (!row->required || q->origins[i].text != NULL)
			continue;
		if (q->name != NULL)
			settings_problem(l, "%s: not set for queue %s (%s)",
			    row->name, q->name,
			    q->origins[settings_table_size].text);
		else if (row == settings_queue_row(queue_url))
			settings_problem(l,
			    "queue_url: not set; give -q, SQS_QUEUE_URL or "
			    "queue_url in a file");
		else
			settings_problem(l,
			    "command: not set; give it behind --, or command "
			    "in a file");
	}
}

/* The cap of two rows must not be below the base. */
static void
check_cap(struct settings_loader *l, const void *owner,
    const struct settings_origin *origins, const struct settings_row *base,
    const struct settings_row *cap)
{
	int64_t base_ms = settings_value_load(base, owner).number;
	int64_t cap_ms = settings_value_load(cap, owner).number;
	struct buf message = BUF_INIT(512);

	if (cap_ms >= base_ms)
		return;
	settings_put_duration(&message, cap_ms);
	buf_printf(&message, " is less than %s, ", base->name);
	settings_put_duration(&message, base_ms);
	settings_problem(l, "%s: %s (%s; %s)", cap->name, buf_str(&message),
	    settings_origin_text(origins, cap),
	    settings_origin_text(origins, base));
	buf_release(&message);
}

static void
check_http(struct settings_loader *l, const struct queue_settings *q,
    const struct settings_row *row)
{
	const char *text = settings_value_load(row, q).text;
	struct settings_url url;

	if (text != NULL && settings_url_split(text, &url) == 0 && !url.tls &&
	    !settings_url_is_loopback(text) && !l->s->allow_http)
		settings_problem(l,
		    "%s: \"%s\" is plain http to another host; use https, or "
		    "set allow_http (%s)",
		    row->name, text, queue_origin(q, row));
}

/* Which endpoint the queue's is, SQS knows only of its own. */
static void
check_variant(struct settings_loader *l, const struct queue_settings *q,
    bool wanted, const struct settings_row *row)
{
	const char *origin = settings_origin_text(l->s->origins, row);

	if (!wanted)
		return;
	if (q->s3_buckets != NULL && q->s3_endpoint_url != NULL)
		settings_problem(l,
		    "%s: there is no such variant of an s3_endpoint_url of "
		    "your own (%s; %s)",
		    row->name, origin,
		    queue_origin(q, settings_queue_row(s3_endpoint_url)));
	if (q->endpoint_url != NULL)
		settings_problem(l,
		    "%s: there is no such variant of an endpoint_url of your "
		    "own (%s; %s)",
		    row->name, origin,
		    queue_origin(q, settings_queue_row(endpoint_url)));
	else if (!settings_url_is_regional(q->queue_url))
		settings_problem(l,
		    "%s: there is no such variant of the host of \"%s\" (%s; "
		    "%s)",
		    row->name, q->queue_url, origin,
		    queue_origin(q, settings_queue_row(queue_url)));
}

static void
check_queue(struct settings_loader *l, const struct queue_settings *q)
{
	/* With an endpoint of its own nobody asks the host of the queue URL. */
	check_http(l, q,
	    q->endpoint_url != NULL ? settings_queue_row(endpoint_url)
				    : settings_queue_row(queue_url));
	if (q->s3_buckets != NULL)
		check_http(l, q, settings_queue_row(s3_endpoint_url));
	check_variant(l, q, l->s->use_fips_endpoint,
	    settings_global_row(use_fips_endpoint));
	check_variant(l, q, l->s->use_dualstack_endpoint,
	    settings_global_row(use_dualstack_endpoint));
	check_cap(l, q, q->origins, settings_queue_row(retry_base_ms),
	    settings_queue_row(retry_cap_ms));
}

int64_t
settings_all_children(const struct settings *s)
{
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < s->n_queues; i++)
		sum += s->queues[i].children;
	return sum;
}

static void
check_sum_of_children(struct settings_loader *l)
{
	int64_t sum = settings_all_children(l->s);

	if (sum > SETTINGS_ALL_CHILDREN_MAX)
		settings_problem(l,
		    "children: %" PRId64 " in %zu queues are more than %d", sum,
		    l->s->n_queues, SETTINGS_ALL_CHILDREN_MAX);
}

void
settings_check_all(struct settings_loader *l)
{
	struct settings *s = l->s;
	size_t i;

	for (i = 0; i < s->n_queues; i++)
		check_required(l, &s->queues[i]);
	/* Of what is wrong in itself there is nothing more to be said. */
	if (l->n_problems > 0)
		return;
	for (i = 0; i < s->n_queues; i++) {
		derive(l, &s->queues[i]);
		check_queue(l, &s->queues[i]);
	}
	check_cap(l, s, s->origins, settings_global_row(restart_base_ms),
	    settings_global_row(restart_cap_ms));
	check_sum_of_children(l);
}

/* ---- the control socket ---- */

const char *
settings_check_control_socket(const char *text)
{
	if (strcmp(text, "off") == 0)
		return NULL;
	if (text[0] != '/')
		return "is not an absolute path, nor off";
	if (strlen(text) >= CONTROL_PATH_SIZE)
		return "is too long for a socket";
	return NULL;
}

/* ---- commands ---- */

/* A name that PATH resolves becomes the path. */
static enum program_verdict
look_into(struct queue_settings *q, struct error *e)
{
	enum program_verdict verdict;
	int why;
	char *path = program_find(q->command[0], &why);

	/* A name with a slash has reasons that are worth more than an errno. */
	if (path == NULL && strchr(q->command[0], '/') == NULL) {
		(void)error_set(e, ERROR_OPERATOR,
		    why == EACCES ? "it is in PATH, but not executable"
				  : "it is not in PATH");
		return PROGRAM_BROKEN;
	}
	verdict = program_check(path != NULL ? path : q->command[0], e);
	if (path != NULL) {
		free(q->command[0]);
		q->command[0] = path;
	}
	return verdict;
}

static int
check_command(struct queue_settings *q, settings_problem_fn *problem,
    settings_problem_fn *warning, void *arg)
{
	struct settings_loader l = { .arg = arg };
	struct error e;
	enum program_verdict verdict = look_into(q, &e);

	if (verdict == PROGRAM_GOOD)
		return 0;
	l.problem = verdict == PROGRAM_BROKEN ? problem : warning;
	settings_problem(&l, "command: \"%s\" cannot be started: %s (%s)",
	    q->command[0], e.text,
	    queue_origin(q, settings_queue_row(command)));
	return verdict == PROGRAM_BROKEN ? -1 : 0;
}

int
settings_check_commands(struct settings *s, settings_problem_fn *problem,
    settings_problem_fn *warning, void *arg)
{
	int result = 0;
	size_t i;

	for (i = 0; i < s->n_queues; i++)
		if (check_command(&s->queues[i], problem, warning, arg) == -1)
			result = -1;
	return result;
}
