/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

#ifndef FAKESQS_FAULT_H
#define FAKESQS_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fakesqs_calls.h"
#include "fakesqs_util.h"

enum fault_kind {
	FAULT_NONE,
	/* answered instead of the operation */
	FAULT_ERROR,
	FAULT_THROTTLE,
	FAULT_HTTP500,
	FAULT_HTTP503,
	FAULT_CUT,
	FAULT_RESET,
	FAULT_EMPTY,
	FAULT_HUGE,
	FAULT_REDIRECT,
	FAULT_RAW,
	FAULT_BYTES,
	FAULT_HTML,
	FAULT_HANG,
	/* the operation is performed, the answer is spoilt */
	FAULT_CUT_MID,
	FAULT_CUT_AFTER,
	FAULT_SLOW,
	FAULT_DRIP,
	FAULT_BAD_JSON,
	FAULT_BAD_MD5,
	FAULT_BAD_ATTR_MD5,
	FAULT_ENTRY_FAIL,
	FAULT_ENTRY_MISSING,
	FAULT_LOST,
	FAULT_DUP,
	FAULT_UNKNOWN_FIELDS,
	FAULT_KINDS
};

#define FAULT_CODE_SIZE 128

struct fault {
	enum fault_kind kind;
	int op;        /* enum op, or -1: any SQS operation */
	int64_t skip;  /* calls still let through */
	int64_t count; /* calls still hit; -1: until cleared */
	int64_t rate;  /* percent */
	int64_t ms;
	int64_t retry_after_ms; /* -1: no header */
	int64_t entry;          /* -1: every one */
	int status;             /* 0: the code's own */
	bool sender;
	int perform; /* of hit entries; -1: the kind's default */
	char code[FAULT_CODE_SIZE];
	struct span raw; /* owned by the list */
};

const char *fault_name(enum fault_kind kind);
/* FAULT_NONE when there is none of that name. */
enum fault_kind fault_kind(const char *name);

/* Copies *f; raw is copied too. */
void fault_add(const struct fault *f);
void fault_clear(void);

/* The fault to inject into this call; kind FAULT_NONE for none. */
struct fault fault_pick(enum op op);

/* Is entry i of a batch hit by a fault of this kind? */
bool fault_hits(const struct fault *f, enum fault_kind kind, size_t i);

#endif
