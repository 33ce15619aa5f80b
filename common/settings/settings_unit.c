/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See settings_unit.h. */
#include "common/settings/settings_unit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

#define DIGITS "0123456789"

enum {
	DIGITS_MAX = 9,      /* in a duration: no multiplication can overflow */
	SIZE_DIGITS_MAX = 18 /* what fits an int64_t */
};

/* ---- durations ---- */

static const struct duration_unit {
	const char *name;
	int64_t ms;
} duration_units[] = {
	{ "d", INT64_C(86400000) }, { "h", 3600000 }, { "m", 60000 },
	{ "s", 1000 }, { "ms", 1 },
	{ "", 1000 } /* a bare number; last, so that it is never printed */
};

static const struct duration_unit *
find_duration_unit(const char *name)
{
	size_t i;

	for (i = 0; i < nitems(duration_units); i++)
		if (strcmp(duration_units[i].name, name) == 0)
			return &duration_units[i];
	return NULL;
}

/* The value of len digits, which must be at most SIZE_DIGITS_MAX. */
static int64_t
digits_value(const char *p, size_t len)
{
	int64_t n = 0;

	while (len-- > 0)
		n = n * 10 + (*p++ - '0');
	return n;
}

int
settings_unit_parse_duration(const char *text, int64_t *ret_ms)
{
	size_t n_whole = strspn(text, DIGITS), n_fraction = 0, i;
	const char *fraction = text + n_whole;
	const struct duration_unit *unit;
	int64_t scaled;

	if (*fraction == '.') {
		n_fraction = strspn(++fraction, DIGITS);
		if (n_fraction == 0)
			return -1;
	}
	unit = find_duration_unit(fraction + n_fraction);
	if (unit == NULL || n_whole == 0 || n_whole > DIGITS_MAX ||
	    n_fraction > DIGITS_MAX)
		return -1;
	scaled = digits_value(fraction, n_fraction) * unit->ms;
	for (i = 0; i < n_fraction; i++) {
		if (scaled % 10 != 0)
			return -1; /* finer than a millisecond */
		scaled /= 10;
	}
	*ret_ms = digits_value(text, n_whole) * unit->ms + scaled;
	return 0;
}

void
settings_unit_put_duration(struct buf *to, int64_t ms)
{
	size_t i = 0;

	/* Zero is a whole number of days; but "0s" is what people write. */
	while (ms == 0 ? duration_units[i].ms != 1000
		       : ms % duration_units[i].ms != 0)
		i++;
	buf_printf(to, "%" PRId64 "%s", ms / duration_units[i].ms,
	    duration_units[i].name);
}

/* ---- sizes ---- */

static const struct size_unit {
	const char *name;
	unsigned shift;
} size_units[] = { { "T", 40 }, { "G", 30 }, { "M", 20 }, { "K", 10 },
	{ "", 0 } };

int
settings_unit_parse_size(const char *text, int64_t *ret_bytes)
{
	size_t n = strspn(text, DIGITS), i;
	int64_t number;

	if (n == 0 || n > SIZE_DIGITS_MAX)
		return -1;
	number = digits_value(text, n);
	for (i = 0; i < nitems(size_units); i++)
		if (strcmp(text + n, size_units[i].name) == 0 &&
		    number <= INT64_MAX >> size_units[i].shift) {
			*ret_bytes = number << size_units[i].shift;
			return 0;
		}
	return -1;
}

void
settings_unit_put_size(struct buf *to, int64_t bytes)
{
	size_t i = 0;

	while (bytes == 0 ? size_units[i].shift != 0
			  : bytes % (INT64_C(1) << size_units[i].shift) != 0)
		i++;
	buf_printf(to, "%" PRId64 "%s", bytes >> size_units[i].shift,
	    size_units[i].name);
}
