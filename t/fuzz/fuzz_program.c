/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The first bytes of a program; behind them, as far as they go, its program
 * headers.
 */
#include <assert.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/program_head.h"
#include "common/base/xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_table(const struct program_head *head, const char *bytes, size_t size)
{
	struct span table = { bytes, size };
	uint64_t offset;
	size_t len;

	if (head->table_offset < size) {
		table.p += head->table_offset;
		table.len -= (size_t)head->table_offset;
	}
	if (table.len > head->table_bytes)
		table.len = head->table_bytes;
	if (program_head_interpreter(head, table, &offset, &len) == 1)
		assert(len >= 2 && len <= PATH_MAX && offset <= INT64_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = malloc(size > 0 ? size : 1); /* no byte more */
	char name[PROGRAM_LINE_BYTES];
	struct program_head head;

	if (bytes == NULL)
		return 0;
	memcpy(bytes, data, size);
	program_head_parse((struct span){ bytes, size }, &head);
	if (head.kind == PROGRAM_SCRIPT)
		assert(head.interpreter[0] != '\0');
	else
		assert(head.interpreter[0] == '\0');
	if (program_head_env_name(&head, name, sizeof(name)))
		assert(name[0] != '\0');
	if (head.kind == PROGRAM_ELF)
		try_table(&head, bytes, size);
	free(bytes);
	return 0;
}
