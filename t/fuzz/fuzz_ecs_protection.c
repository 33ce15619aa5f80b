/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Answers of the ECS agent of any bytes: one that grants a wish says so for
 * that wish alone, with a status of 200; any other has a code, and what it says
 * is lines.  The first byte chooses the status.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "child/reporter/ecs_protection.h"
#include "common/base/xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_line(const char *s, size_t size)
{
	assert(memchr(s, '\0', size) != NULL);
	for (; *s != '\0'; s++)
		assert((unsigned char)*s >= ' ' && *s != 0x7F);
}

static bool
is_granted(int status, struct span body, enum ecs_protection_wish wish)
{
	struct ecs_protection_answer a;

	ecs_protection_parse(status, body, wish, &a);
	check_line(a.code, sizeof(a.code));
	check_line(a.text, sizeof(a.text));
	assert(a.ok == (a.code[0] == '\0'));
	return a.ok;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 200, 200, 204, 307, 400, 429,
		500 };
	struct span body;
	int status;
	bool on, off;

	if (size == 0)
		return 0;
	status = statuses[data[0] % nitems(statuses)];
	body = (struct span){ (const char *)data + 1, size - 1 };
	on = is_granted(status, body, ECS_PROTECTION_ON);
	off = is_granted(status, body, ECS_PROTECTION_OFF);
	assert(!(on && off));
	assert(!(on || off) || status == 200);
	return 0;
}
