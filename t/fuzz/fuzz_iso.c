/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Times of any bytes: what is read can be written, and is read again as the
 * same time.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xmemdup0(data, size);
	char written[25];
	int64_t ms, again;

	if (clock_parse_iso(text, &ms) == 0) {
		clock_format_iso(ms, written, sizeof(written));
		/* An offset can lead out of the years 0 to 9999. */
		if (written[0] != '\0') {
			assert(clock_parse_iso(written, &again) == 0);
			assert(again == ms);
		}
	}
	free(text);
	return 0;
}
