/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See settings_check.h. */
#include "common/settings/settings_check.h"

#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/cgroup.h"
#include "common/base/loopback.h"
#include "common/base/xalloc.h"
#include "common/http/aws_endpoint.h"
#include "common/http/http_url.h"
#include "common/settings/settings_origins.h"
#include "common/settings/settings_table.h"
#include "common/settings/settings_unit.h"
#include "common/settings/settings_value.h"

#include "common/base/banned.h"

static const char *
queue_origin(const struct queue_settings *q, const struct settings_row *row)
{
	return settings_origins_text(q->origins, row);
}

/* ---- derived values ---- */

/* The CPUs that this process may use at once; the machine may have more. */
static int64_t
count_cpus(void)
{
	int64_t granted = cgroup_cpus();
	cpu_set_t set;
	int64_t n;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = CPU_COUNT(&set);
	else
		n = sysconf(_SC_NPROCESSORS_ONLN); /* there are more than set
						      can hold */
	if (n > granted)
		n = granted;
	if (n < 1)
		return 1;
	return n < SETTINGS_CHILDREN_MAX ? n : SETTINGS_CHILDREN_MAX;
}

static void
derive_children(struct queue_settings *q)
{
	const struct settings_row *row = SETTINGS_QUEUE_ROW(children);
	char *origin;

	if (q->children != 0)
		return;
	q->children = count_cpus();
	origin = xasprintf("%s, one for each CPU", queue_origin(q, row));
	settings_origins_set(q->origins, row, origin);
	free(origin);
}

/*
 * Was the region given for this program, and not for all programs that use AWS?
 */
static bool
region_is_explicit(const struct queue_settings *q)
{
	const char *origin = queue_origin(q, SETTINGS_QUEUE_ROW(region));

	return q->region != NULL &&
	    strncmp(origin, "environment AWS_", 16) != 0;
}

static void
set_region(struct queue_settings *q, const char *region, const char *origin)
{
	free(q->region);
	q->region = xstrdup(region);
	settings_origins_set(q->origins, SETTINGS_QUEUE_ROW(region), origin);
}

static bool
is_loopback(const char *text)
{
	struct http_url url;

	return text != NULL && http_url_split_endpoint(text, &url) == 0 &&
	    loopback_is_host(url.host);
}

static int
region_of_url(const char *text, char *ret, size_t size)
{
	struct http_url url;

	return http_url_split_endpoint(text, &url) == 0
	    ? aws_endpoint_region_of_host(url.host, ret, size)
	    : -1;
}

static void
derive_region(struct settings_draft *d, struct queue_settings *q)
{
	char region[64];

	if (region_is_explicit(q))
		return;
	if (region_of_url(q->queue_url, region, sizeof(region)) == 0)
		set_region(q, region, "queue URL");
	else if (q->region != NULL)
		return;
	else if (is_loopback(q->queue_url) || is_loopback(q->endpoint_url))
		set_region(q, "us-east-1", "default for a loopback address");
	else
		settings_problem_report(&d->problems,
		    "region: not set, and the queue URL does not name it; set "
		    "AWS_REGION or region (queue %s)",
		    q->name);
}

static void
derive(struct settings_draft *d, struct queue_settings *q)
{
	const char *name = http_url_last_segment(q->queue_url);

	if (q->name == NULL)
		q->name = xstrdup(name);
	q->fifo = strchr(name, '.') != NULL;
	derive_children(q);
	derive_region(d, q);
}

/* ---- values that must fit each other ---- */

static void
check_required(struct settings_draft *d, const struct queue_settings *q)
{
	const struct settings_row *row;
	size_t i;

	for (i = 0; i < settings_table_size; i++) {
		row = &settings_table[i];
		if (!row->required ||
		    settings_origins_is_given(q->origins, row))
			continue;
		if (q->name != NULL)
			settings_problem_report(&d->problems,
			    "%s: not set for queue %s (%s)", row->name, q->name,
			    settings_origins_section(q->origins));
		else if (row == SETTINGS_QUEUE_ROW(queue_url))
			settings_problem_report(&d->problems,
			    "queue_url: not set; give -q, SQS_QUEUE_URL or "
			    "queue_url in a file");
		else
			settings_problem_report(&d->problems,
			    "command: not set; give it behind --, or command "
			    "in a file");
	}
}

/* The cap of a delay must not be below its base. */
static void
check_cap(struct settings_draft *d, const void *owner,
    const struct settings_origins *origins, const struct settings_row *base,
    const struct settings_row *cap)
{
	int64_t base_ms = settings_value_load(base, owner).number;
	int64_t cap_ms = settings_value_load(cap, owner).number;
	struct buf message = BUF_INIT(512);

	if (cap_ms >= base_ms)
		return;
	settings_unit_put_duration(&message, cap_ms);
	buf_printf(&message, " is less than %s, ", base->name);
	settings_unit_put_duration(&message, base_ms);
	settings_problem_report(&d->problems, "%s: %s (%s; %s)", cap->name,
	    buf_str(&message), settings_origins_text(origins, cap),
	    settings_origins_text(origins, base));
	buf_release(&message);
}

static void
check_http(struct settings_draft *d, const struct queue_settings *q,
    const struct settings_row *row)
{
	const char *text = settings_value_load(row, q).text;
	struct http_url url;

	if (text != NULL && !d->s->allow_http &&
	    http_url_split_endpoint(text, &url) == 0 &&
	    !http_url_is_confidential(&url))
		settings_problem_report(&d->problems,
		    "%s: \"%s\" is plain http to another host; use https, or "
		    "set allow_http (%s)",
		    row->name, text, queue_origin(q, row));
}

static bool
url_has_variants(const char *text)
{
	struct http_url url;

	return http_url_split_endpoint(text, &url) == 0 &&
	    aws_endpoint_has_variants(url.host);
}

/*
 * A variant is FIPS or dual-stack.  aws_client checks again when it also knows
 * the profile, which may ask for a variant or name an endpoint.
 */
static void
check_variant(struct settings_draft *d, const struct queue_settings *q,
    bool wanted, const struct settings_row *row)
{
	const char *origin = settings_origins_text(d->s->origins, row);

	if (!wanted)
		return;
	if (q->s3_buckets != NULL && q->s3_endpoint_url != NULL)
		settings_problem_report(&d->problems,
		    "%s: there is no such variant of an s3_endpoint_url of "
		    "your own (%s; %s)",
		    row->name, origin,
		    queue_origin(q, SETTINGS_QUEUE_ROW(s3_endpoint_url)));
	if (q->endpoint_url != NULL)
		settings_problem_report(&d->problems,
		    "%s: there is no such variant of an endpoint_url of your "
		    "own (%s; %s)",
		    row->name, origin,
		    queue_origin(q, SETTINGS_QUEUE_ROW(endpoint_url)));
	else if (!url_has_variants(q->queue_url))
		settings_problem_report(&d->problems,
		    "%s: there is no such variant of the host of \"%s\" (%s; "
		    "%s)",
		    row->name, q->queue_url, origin,
		    queue_origin(q, SETTINGS_QUEUE_ROW(queue_url)));
}

static void
check_queue(struct settings_draft *d, const struct queue_settings *q)
{
	/* With endpoint_url set, no call goes to the host of the queue URL. */
	check_http(d, q,
	    q->endpoint_url != NULL ? SETTINGS_QUEUE_ROW(endpoint_url)
				    : SETTINGS_QUEUE_ROW(queue_url));
	if (q->s3_buckets != NULL)
		check_http(d, q, SETTINGS_QUEUE_ROW(s3_endpoint_url));
	check_variant(d, q, d->s->use_fips_endpoint,
	    SETTINGS_GLOBAL_ROW(use_fips_endpoint));
	check_variant(d, q, d->s->use_dualstack_endpoint,
	    SETTINGS_GLOBAL_ROW(use_dualstack_endpoint));
	check_cap(d, q, q->origins, SETTINGS_QUEUE_ROW(retry_base_ms),
	    SETTINGS_QUEUE_ROW(retry_cap_ms));
}

static void
check_sum_of_children(struct settings_draft *d)
{
	int64_t sum = settings_all_children(d->s);

	if (sum > SETTINGS_ALL_CHILDREN_MAX)
		settings_problem_report(&d->problems,
		    "children: %" PRId64 " in %zu queues are more than %d", sum,
		    d->s->n_queues, SETTINGS_ALL_CHILDREN_MAX);
}

void
settings_check(struct settings_draft *d)
{
	struct settings *s = d->s;
	size_t i;

	for (i = 0; i < s->n_queues; i++)
		check_required(d, &s->queues[i]);
	/* A value that is wrong by itself cannot be compared with another. */
	if (d->problems.n > 0)
		return;
	for (i = 0; i < s->n_queues; i++) {
		derive(d, &s->queues[i]);
		check_queue(d, &s->queues[i]);
	}
	check_cap(d, s, s->origins, SETTINGS_GLOBAL_ROW(restart_base_ms),
	    SETTINGS_GLOBAL_ROW(restart_cap_ms));
	check_sum_of_children(d);
}
