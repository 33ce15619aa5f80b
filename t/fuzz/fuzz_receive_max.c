/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Answers to batches of any bytes.  The first byte chooses how many entries
 * were asked about.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "common/aws/sqs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_line(const char *s, size_t size)
{
	assert(memchr(s, '\0', size) != NULL);
	for (; *s != '\0'; s++)
		assert((unsigned char)*s >= ' ');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sqs_entry_result r[SQS_BATCH_MAX + 1];
	struct span answer;
	struct error e;
	size_t i, n;
	int result;

	if (size == 0)
		return 0;
	n = data[0] % (SQS_BATCH_MAX + 1U);
	answer = (struct span){ (const char *)data + 1, size - 1 };
	memset(r, 0xA5, sizeof(r));
	result = sqs_parse_batch(answer, r, n, &e);
	for (i = 0; i < n; i++) {
		assert(r[i].answered || !r[i].failed);
		assert(result == 0 || !r[i].answered);
		check_line(r[i].code, sizeof(r[i].code));
		check_line(r[i].text, sizeof(r[i].text));
	}
	assert((unsigned char)r[n].code[0] == 0xA5); /* not asked about */
	return 0;
}
