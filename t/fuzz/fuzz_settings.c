/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Settings files of any bytes.  What was loaded is printed, and what was
 * printed must load again with the same values.  The bytes also serve as a
 * duration, as a size and as a command.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/words.h"
#include "common/base/xalloc.h"
#include "common/settings/settings.h"
#include "common/settings/settings_load.h"
#include "common/settings/settings_print.h"
#include "common/settings/settings_unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
on_problem(void *arg, const char *message)
{
	const char *p;

	assert(message[0] != '\0');
	for (p = message; *p != '\0'; p++)
		assert(((unsigned char)*p >= ' ' || *p == '\t') && *p != 0x7F);
	/* The one reason for which printed settings may not load. */
	if (arg != NULL && strstr(message, "is longer than") != NULL)
		*(bool *)arg = true;
}

static struct settings *
load(const char *text, size_t len, bool *ret_too_long)
{
	struct settings_input in = { .file = "f", .file_bytes = { text, len } };

	return settings_load(&in, on_problem, ret_too_long);
}

/* Without the origins, which do differ. */
static char *
print(const struct settings *s)
{
	char *text = NULL, *p, *end;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert(f != NULL);
	settings_print(s, f);
	fclose(f);
	for (p = text; (p = strstr(p, "    # ")) != NULL; p = end) {
		end = p + strcspn(p, "\n");
		memmove(p, end, strlen(end) + 1);
		end = p;
	}
	return text;
}

static void
try_file(const char *text, size_t len)
{
	struct settings *first = load(text, len, NULL), *second;
	char *printed, *again;
	bool too_long = false;

	if (first == NULL)
		return;
	printed = print(first);
	second = load(printed, strlen(printed), &too_long);
	assert(second != NULL || too_long);
	if (second != NULL) {
		again = print(second);
		assert(strcmp(printed, again) == 0);
		free(again);
	}
	free(printed);
	settings_free(first);
	settings_free(second);
}

/* Words that are put must be split into the same. */
static void
try_words(const char *text)
{
	struct buf put = BUF_INIT(1024 * 1024);
	char **argv = words_split(text), **again;
	size_t i;

	if (argv == NULL)
		return;
	words_put(&put, argv);
	assert(!put.overflow);
	again = words_split(buf_str(&put));
	assert(again != NULL);
	for (i = 0; argv[i] != NULL; i++) {
		assert(strlen(argv[i]) <= strlen(text));
		assert(again[i] != NULL && strcmp(again[i], argv[i]) == 0);
	}
	assert(again[i] == NULL);
	words_free(again);
	words_free(argv);
	buf_release(&put);
}

/* Numbers that are put must be parsed as the same. */
static void
try_numbers(const char *text)
{
	struct buf put = BUF_INIT(64);
	int64_t n, again;

	if (settings_unit_parse_duration(text, &n) == 0) {
		settings_unit_put_duration(&put, n);
		if (settings_unit_parse_duration(buf_str(&put), &again) == 0)
			assert(again == n);
		else
			assert(put.len > 10); /* too many digits */
	}
	buf_reset(&put);
	if (settings_unit_parse_size(text, &n) == 0) {
		settings_unit_put_size(&put, n);
		assert(settings_unit_parse_size(buf_str(&put), &again) == 0 &&
		    again == n);
	}
	buf_release(&put);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xmemdup0(data, size);

	try_file(text, size);
	try_words(text);
	try_numbers(text);
	free(text);
	return 0;
}
