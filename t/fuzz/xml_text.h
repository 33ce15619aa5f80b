/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * An element that holds nothing but text, written so that it is read again
 * exactly: the harnesses' own writer.
 */
#ifndef T_FUZZ_XML_TEXT_H
#define T_FUZZ_XML_TEXT_H

#include <stddef.h>

#include "common/base/buf.h"

static inline void
put_element(struct buf *to, const char *name, struct span text)
{
	size_t i;

	buf_printf(to, "<%s>", name);
	for (i = 0; i < text.len; i++) {
		/* A carriage return as it is would be read as a newline. */
		if (text.p[i] == '<' || text.p[i] == '>' || text.p[i] == '&' ||
		    text.p[i] == '\r')
			buf_printf(to, "&#%d;", text.p[i]);
		else
			buf_putc(to, text.p[i]);
	}
	buf_printf(to, "</%s>", name);
}

#endif
