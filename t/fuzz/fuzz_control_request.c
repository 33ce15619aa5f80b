/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A line of any bytes: what comes out is a command with operands in bounds,
 * or a reason.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/control/control_request.h"

#include "common/base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not assert: it has to stop under NDEBUG, too. */
static void
must(int condition)
{
	if (!condition)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct control_request r;
	const char *why = NULL, *p;

	memset(&r, 0xA5, sizeof(r));
	if (control_request_parse((struct span){ (const char *)data, size }, &r,
		&why) == -1) {
		must(why != NULL && why[0] != '\0');
		return 0;
	}
	must(r.kind < CONTROL_REQUEST_KINDS);
	must(r.number <= CONTROL_REQUEST_NUMBER_MAX);
	must(memchr(r.queue, '\0', sizeof(r.queue)) != NULL);
	for (p = r.queue; *p != '\0'; p++)
		must(*p > ' ' && *p <= '~');
	return 0;
}
