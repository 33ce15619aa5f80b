/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Settings files of any bytes.  What was loaded is printed, and what was
 * printed must load again with the same values.  The bytes also serve as a
 * duration and as a command.
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

static void
try_text(const char *text)
{
	int64_t ms;
	char **argv = words_split(text);
	size_t i;

	for (i = 0; argv != NULL && argv[i] != NULL; i++)
		assert(strlen(argv[i]) <= strlen(text));
	words_free(argv);
	if (settings_unit_parse_duration(text, &ms) == 0)
		assert(ms >= 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xmemdup0(data, size);

	try_file(text, size);
	try_text(text);
	free(text);
	return 0;
}
