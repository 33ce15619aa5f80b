/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* The list of scripted faults, and the choice of the fault that hits a call. */

#include "fakesqs_fault.h"

#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

struct scripted {
	TAILQ_ENTRY(scripted) link;
	struct fault fault;
};

TAILQ_HEAD(scripted_list, scripted);

static struct scripted_list script = TAILQ_HEAD_INITIALIZER(script);

static const char *const names[FAULT_KINDS] = {
	[FAULT_NONE] = "",
	[FAULT_ERROR] = "error",
	[FAULT_THROTTLE] = "throttle",
	[FAULT_HTTP500] = "http500",
	[FAULT_HTTP503] = "http503",
	[FAULT_CUT] = "cut",
	[FAULT_RESET] = "reset",
	[FAULT_EMPTY] = "empty",
	[FAULT_HUGE] = "huge",
	[FAULT_REDIRECT] = "redirect",
	[FAULT_RAW] = "raw",
	[FAULT_BYTES] = "bytes",
	[FAULT_HTML] = "html",
	[FAULT_HANG] = "hang",
	[FAULT_CUT_MID] = "cut_mid",
	[FAULT_CUT_AFTER] = "cut_after",
	[FAULT_SLOW] = "slow",
	[FAULT_DRIP] = "drip",
	[FAULT_BAD_JSON] = "bad_json",
	[FAULT_BAD_MD5] = "bad_md5",
	[FAULT_BAD_ATTR_MD5] = "bad_attr_md5",
	[FAULT_ENTRY_FAIL] = "entry_fail",
	[FAULT_ENTRY_MISSING] = "entry_missing",
	[FAULT_LOST] = "lost",
	[FAULT_DUP] = "dup",
	[FAULT_UNKNOWN_FIELDS] = "unknown_fields",
};

const char *
fault_name(enum fault_kind kind)
{
	return names[kind];
}

enum fault_kind
fault_kind(const char *name)
{
	int i;

	for (i = FAULT_KINDS - 1; i > FAULT_NONE; i--) {
		if (strcmp(name, names[i]) == 0)
			break;
	}
	return (enum fault_kind)i;
}

void
fault_add(const struct fault *f)
{
	struct scripted *s = xcalloc(1, sizeof(*s));

	s->fault = *f;
	s->fault.raw.p = xmemdup(f->raw.p, f->raw.len);
	TAILQ_INSERT_TAIL(&script, s, link);
}

void
fault_clear(void)
{
	struct scripted *s;

	while ((s = TAILQ_FIRST(&script)) != NULL) {
		TAILQ_REMOVE(&script, s, link);
		/* xmemdup's own memory, const only for its readers */
		free((void *)(uintptr_t)s->fault.raw.p);
		free(s);
	}
}

static bool
matches(const struct fault *f, enum op op)
{
	if (f->count == 0)
		return false;
	return f->op == -1 ? op <= OP_UNKNOWN : f->op == (int)op;
}

struct fault
fault_pick(enum op op)
{
	struct scripted *s;
	struct fault *f;

	TAILQ_FOREACH(s, &script, link) {
		f = &s->fault;
		if (!matches(f, op))
			continue;
		if (f->skip > 0) {
			f->skip--;
			continue;
		}
		if (f->rate < 100 && random64() % 100 >= (uint64_t)f->rate)
			continue;
		if (f->count > 0)
			f->count--;
		op_counts[op].faults++;
		return *f;
	}
	return (struct fault){ .kind = FAULT_NONE };
}

bool
fault_hits(const struct fault *f, enum fault_kind kind, size_t i)
{
	return f->kind == kind && (f->entry == -1 || (size_t)f->entry == i);
}
