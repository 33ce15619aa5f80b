/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Failures by reason.  See send_failures.h.
 */
#include "tools/send_failures.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/plain.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	RANGES_SHOWN = 10
};

static void
release_reason(struct send_reason *r)
{
	free(r->ranges);
	*r = (struct send_reason){ .n = 0 };
}

static void
release_all(struct send_failures *f)
{
	while (f->n > 0)
		release_reason(&f->reasons[--f->n]);
}

/* ---- numbers ---- */

/* The first range that ends at number - 1 or later. */
static size_t
find_range(const struct send_reason *r, long long number)
{
	size_t low = 0, high = r->n_ranges, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (r->ranges[middle].last < number - 1)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
insert_range(struct send_reason *r, size_t at, long long number)
{
	if (r->n_ranges == r->cap) {
		r->cap = r->cap > 0 ? 2 * r->cap : 16;
		r->ranges =
		    xreallocarray(r->ranges, r->cap, sizeof(r->ranges[0]));
	}
	memmove(&r->ranges[at + 1], &r->ranges[at],
	    (r->n_ranges - at) * sizeof(r->ranges[0]));
	r->ranges[at] = (struct send_range){ number, number };
	r->n_ranges++;
}

/* Each number is added once. */
static void
add_number(struct send_reason *r, long long number)
{
	size_t at = find_range(r, number);
	struct send_range *range = &r->ranges[at];

	r->n++;
	if (at == r->n_ranges || range->first > number + 1) {
		insert_range(r, at, number);
	} else if (range->first == number + 1) {
		range->first = number;
	} else {
		range->last = number;
		if (at + 1 == r->n_ranges || range[1].first != number + 1)
			return;
		range->last = range[1].last;
		r->n_ranges--;
		memmove(range + 1, range + 2,
		    (r->n_ranges - at - 1) * sizeof(*range));
	}
}

bool
send_failures_add(struct send_failures *f, long long number, const char *text,
    const char *cure)
{
	struct send_reason *r = f->reasons;

	while (r < f->reasons + f->n &&
	    strncmp(r->text, text, SEND_REASON_MAX - 1) != 0)
		r++;
	if (r == f->reasons + SEND_REASONS_MAX)
		return false;
	if (r == f->reasons + f->n) {
		f->n++;
		(void)strlcpy(r->text, text, sizeof(r->text));
		r->cure = cure;
	}
	add_number(r, number);
	return true;
}

/* ---- the text ---- */

/* The text about a single body begins with its verb, which becomes a plural. */
static void
put_plural(struct buf *to, const char *text)
{
	static const struct {
		const char *one, *many;
	} verbs[] = { { "was ", "were " }, { "is ", "are " },
		{ "holds ", "hold " } };
	size_t i, len;

	for (i = 0; i < nitems(verbs); i++) {
		len = strlen(verbs[i].one);
		if (strncmp(text, verbs[i].one, len) == 0) {
			buf_puts(to, verbs[i].many);
			text += len;
			break;
		}
	}
	plain_puts(to, text);
}

static void
put_ranges(struct buf *to, const struct send_reason *r, bool all)
{
	size_t i, n = r->n_ranges;

	if (!all && n > RANGES_SHOWN)
		n = RANGES_SHOWN;
	for (i = 0; i < n; i++) {
		buf_printf(to, "%s%lld", i > 0 ? ", " : "", r->ranges[i].first);
		if (r->ranges[i].last > r->ranges[i].first)
			buf_printf(to, "-%lld", r->ranges[i].last);
	}
	if (n < r->n_ranges)
		buf_puts(to, ", ...; -v shows all");
}

static void
tell_reason(const struct send_reason *r, struct buf *to, const char *unit,
    bool all)
{
	if (r->n == 1) {
		buf_printf(to, "%s %lld ", unit, r->ranges[0].first);
		plain_puts(to, r->text);
	} else {
		buf_printf(to, "%lld %ss (", r->n, unit);
		put_ranges(to, r, all);
		buf_puts(to, ") ");
		put_plural(to, r->text);
	}
	buf_putc(to, '\n');
}

static bool
is_told(const struct send_failures *f, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (f->reasons[j].cure == f->reasons[i].cure)
			return true;
	return false;
}

void
send_failures_tell(struct send_failures *f, struct buf *to, const char *prefix,
    const char *unit, bool all)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		buf_puts(to, prefix);
		tell_reason(&f->reasons[i], to, unit, all);
	}
	for (i = 0; i < f->n; i++)
		if (f->reasons[i].cure != NULL && !is_told(f, i))
			buf_printf(to, "%s%s\n", prefix, f->reasons[i].cure);
	release_all(f);
}

const char *
send_failures_cure(const struct error *e)
{
	switch (e->kind) {
	case ERROR_CREDENTIALS:
		return "are these the right credentials, for this account, and "
		       "not expired? see AWS_PROFILE and AWS_ACCESS_KEY_ID";
	case ERROR_OPERATOR:
		if (e->code[0] == '\0')
			break; /* the error is our own, and says what to do */
		return "check the queue's URL and region (--queue-url, "
		       "--region), and that the credentials allow "
		       "sqs:SendMessage";
	case ERROR_THROTTLED:
		return "SQS takes no more for now: send these again later";
	case ERROR_RETRY:
		if (e->http_status != 0)
			return "the service has trouble: send these again "
			       "later";
		return "does anything listen there, and is it the right "
		       "endpoint? see --endpoint-url, --queue-url and "
		       "AWS_ENDPOINT_URL; then send these again";
	case ERROR_NONE:
	case ERROR_NOT_OURS:
	case ERROR_INVALID:
		break;
	}
	return NULL;
}
