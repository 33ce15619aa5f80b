/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A strict reader of OpenMetrics text, for tests: it knows nothing of what
 * sqsherd means to write.  What it holds a text to (OpenMetrics 1.0.0):
 * lines end in \n and the last one is "# EOF"; a family is announced by TYPE
 * before its samples, once, with UNIT and HELP in between, and is not
 * interleaved with others; a unit ends the family's name; a sample's name is
 * its family's with the suffix of its type; names, labels and numbers are well
 * formed; no sample comes twice; counters are not negative; the buckets of a
 * histogram ascend, do not shrink, and end at +Inf with the value of _count.
 */
#ifndef UNIT_OPENMETRICS_H
#define UNIT_OPENMETRICS_H

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct openmetrics {
	char family[128];
	char type[16];
	bool unit, help, samples;
	char seen_families[64][128];
	size_t n_families;
	char seen_samples[4096][256];
	size_t n_samples;
	/* The histogram under way: */
	char labels[256]; /* without le */
	double le, count;
	bool infinite;
	char why[1200];
};

static bool
om_bad(struct openmetrics *m, const char *why, const char *line)
{
	(void)snprintf(m->why, sizeof(m->why), "%s: %s", why, line);
	return false;
}

static size_t
om_name(const char *s, bool colons)
{
	size_t n = 0;

	while (isalpha((unsigned char)s[n]) || s[n] == '_' ||
	    (colons && s[n] == ':') || (n > 0 && isdigit((unsigned char)s[n])))
		n++;
	return n;
}

static bool
om_ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

/* "# TYPE family text": false if it is none of these. */
static bool
om_meta(struct openmetrics *m, const char *line)
{
	static const char *const types[] = { "counter", "gauge", "histogram",
		"info", "stateset", "summary", "unknown", "gaugehistogram" };
	char keyword[8], family[128], text[512];
	bool known = false;
	size_t i;

	if (sscanf(line, "# %7[A-Z] %127[^ ] %511[^\n]", keyword, family,
		text) != 3 ||
	    om_name(family, true) != strlen(family))
		return om_bad(m, "no metadata", line);
	if (strcmp(keyword, "TYPE") == 0) {
		for (i = 0; i < m->n_families; i++)
			if (strcmp(m->seen_families[i], family) == 0)
				return om_bad(m, "a family twice", line);
		for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
			known = known || strcmp(types[i], text) == 0;
		if (!known || m->n_families == 64)
			return om_bad(m, "no such type", line);
		if (m->samples && strcmp(m->type, "histogram") == 0 &&
		    !m->infinite)
			return om_bad(m, "a histogram without +Inf", line);
		strcpy(m->seen_families[m->n_families++], family);
		strcpy(m->family, family);
		(void)snprintf(m->type, sizeof(m->type), "%s", text);
		m->unit = m->help = m->samples = false;
		m->labels[0] = '\0';
		return true;
	}
	if (strcmp(m->family, family) != 0 || m->samples)
		return om_bad(m, "metadata of another family", line);
	if (strcmp(keyword, "UNIT") == 0) {
		if (m->unit || strlen(text) >= strlen(family) ||
		    family[strlen(family) - strlen(text) - 1] != '_' ||
		    !om_ends_with(family, text))
			return om_bad(m, "a unit that ends no name", line);
		m->unit = true;
		return true;
	}
	if (strcmp(keyword, "HELP") != 0 || m->help)
		return om_bad(m, "an unknown keyword", line);
	m->help = true;
	return true;
}

/* Up to the closing brace; le goes to le, the others to others. */
static const char *
om_labels(const char *s, char *others, char *le)
{
	char names[512] = " ", name[130];
	size_t n;

	*le = '\0';
	*others = '\0';
	for (s++; *s != '}'; s += *s == ',') {
		const char *start = s;

		n = om_name(s, false);
		if (n == 0 || n > 100 || s[n] != '=' || s[n + 1] != '"')
			return NULL;
		(void)snprintf(name, sizeof(name), " %.*s ", (int)n, s);
		if (strstr(names, name) != NULL)
			return NULL;
		strcat(names, name + 1);
		for (s += n + 2; *s != '"'; s++) {
			if (*s == '\0' || *s == '\n')
				return NULL;
			if (*s == '\\' && strchr("\\\"n", *++s) == NULL)
				return NULL;
		}
		s++;
		if (n == 2 && strncmp(start, "le", 2) == 0)
			(void)snprintf(le, 64, "%.*s", (int)(s - start - 5),
			    start + 4);
		else
			strncat(others, start, (size_t)(s - start));
		if (*s != ',' && *s != '}')
			return NULL;
		if (*s == ',' && s[1] == '}')
			return NULL;
	}
	return s + 1;
}

static bool
om_bucket(struct openmetrics *m, const char *labels, const char *le,
    double value, const char *line)
{
	char *end;
	double bound = strtod(le, &end);

	if (le[0] == '\0' || *end != '\0' || strpbrk(le, ".I") == NULL)
		return om_bad(m, "le is no float", line);
	if (strcmp(m->labels, labels) != 0 || m->infinite) {
		m->le = -INFINITY;
		m->count = 0;
		m->infinite = false;
		strcpy(m->labels, labels);
	}
	if (bound <= m->le || value < m->count)
		return om_bad(m, "buckets do not ascend", line);
	m->le = bound;
	m->count = value;
	m->infinite = isinf(bound);
	return true;
}

static bool
om_suffix_fits(struct openmetrics *m, const char *suffix, const char *labels,
    const char *le, double value, const char *line)
{
	if (strcmp(m->type, "counter") == 0)
		return strcmp(suffix, "_total") == 0 && value >= 0;
	if (strcmp(m->type, "gauge") == 0)
		return suffix[0] == '\0';
	if (strcmp(m->type, "info") == 0)
		return strcmp(suffix, "_info") == 0 && value == 1;
	if (strcmp(m->type, "histogram") != 0)
		return false;
	if (strcmp(suffix, "_bucket") == 0)
		return om_bucket(m, labels, le, value, line);
	if (strcmp(m->labels, labels) != 0 || !m->infinite)
		return false;
	if (strcmp(suffix, "_count") == 0)
		return value == m->count;
	return strcmp(suffix, "_sum") == 0 && value >= 0;
}

static bool
om_sample(struct openmetrics *m, const char *line)
{
	size_t n = om_name(line, true), i, family = strlen(m->family);
	char labels[256] = "", le[64] = "", suffix[64];
	const char *rest = line + n;
	double value;
	char *end;

	if (n <= 0 || n > 127 || strncmp(line, m->family, family) != 0 ||
	    n < family || family == 0)
		return om_bad(m, "a sample of no family", line);
	(void)snprintf(suffix, sizeof(suffix), "%.*s", (int)(n - family),
	    line + family);
	if (*rest == '{')
		rest = om_labels(rest, labels, le);
	if (rest == NULL || *rest != ' ')
		return om_bad(m, "labels", line);
	value = strtod(rest + 1, &end);
	if (end == rest + 1 || *end != '\0' || isspace((unsigned char)rest[1]))
		return om_bad(m, "a value", line);
	for (i = 0; i < m->n_samples; i++)
		if (strncmp(m->seen_samples[i], line, (size_t)(rest - line)) ==
			0 &&
		    m->seen_samples[i][rest - line] == '\0')
			return om_bad(m, "a sample twice", line);
	if (m->n_samples == 4096 || rest - line > 255)
		return om_bad(m, "too much", line);
	(void)snprintf(m->seen_samples[m->n_samples++], 256, "%.*s",
	    (int)(rest - line), line);
	m->samples = true;
	if (!om_suffix_fits(m, suffix, labels, le, value, line))
		return m->why[0] != '\0' ? false
					 : om_bad(m, "a sample's suffix", line);
	return true;
}

/* NULL: it is OpenMetrics; else what is wrong, until the next call. */
static inline const char *
openmetrics_check(const char *text)
{
	static struct openmetrics m;
	char line[1024];
	const char *eol;

	memset(&m, 0, sizeof(m));
	for (; (eol = strchr(text, '\n')) != NULL; text = eol + 1) {
		if ((size_t)(eol - text) >= sizeof(line))
			return "a long line";
		(void)snprintf(line, sizeof(line), "%.*s", (int)(eol - text),
		    text);
		if (strcmp(line, "# EOF") == 0) {
			if (m.samples && strcmp(m.type, "histogram") == 0 &&
			    !m.infinite)
				return "a histogram without +Inf";
			return eol[1] == '\0' ? NULL : "something after # EOF";
		}
		if (!(line[0] == '#' ? om_meta(&m, line) : om_sample(&m, line)))
			return m.why;
	}
	return "no # EOF";
}

#endif
