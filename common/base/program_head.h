/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Judges by the first bytes of a program's file how execve(2) would start it,
 * or why it would not.  Pure: bytes in, a value out.
 */
#ifndef COMMON_BASE_PROGRAM_HEAD_H
#define COMMON_BASE_PROGRAM_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

enum {
	PROGRAM_HEAD_BYTES = 4096,  /* to read, if the file has so many */
	PROGRAM_LINE_BYTES = 256,   /* of a first line the kernel reads no more,
				       BINPRM_BUF_SIZE */
	PROGRAM_TABLE_BYTES = 65536 /* most of an ELF file's program headers */
};

enum program_kind {
	PROGRAM_EMPTY,
	PROGRAM_SCRIPT,   /* interpreter is set */
	PROGRAM_MARKED,   /* a byte order mark stands before the #! */
	PROGRAM_NAMELESS, /* a #! without an interpreter */
	PROGRAM_CUT,      /* the interpreter's name is too long */
	PROGRAM_TEXT,     /* a text that does not begin with #! */
	PROGRAM_ELF,      /* elf is set */
	PROGRAM_FOREIGN,  /* an ELF file of another machine */
	PROGRAM_OBJECT,   /* an ELF file that is no program */
	PROGRAM_DAMAGED,  /* an ELF file whose header makes no sense */
	PROGRAM_UNKNOWN
};

struct program_head {
	enum program_kind kind;
	/* Of a SCRIPT, as the kernel would pass them on; or "". */
	char interpreter[PROGRAM_LINE_BYTES];
	char argument[PROGRAM_LINE_BYTES];
	/* Of an ELF. */
	bool is_wide;          /* 64 bits */
	uint64_t table_offset; /* of its program headers */
	size_t table_bytes;
};

void program_head_parse(struct span bytes, struct program_head *ret);

/*
 * The program that a SCRIPT asks env(1) to look for; false: it does not ask
 * env, or its line is one that only env understands.
 */
bool program_head_env_name(const struct program_head *head, char *ret,
    size_t size);

/*
 * Finds where in an ELF file the name of its program interpreter is.  Returns
 * 1; 0 if it has none; or -1 if the program headers make no sense.
 */
int program_head_interpreter(const struct program_head *head, struct span table,
    uint64_t *ret_offset, size_t *ret_len);

#endif
