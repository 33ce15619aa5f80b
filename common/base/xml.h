/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Reading XML: expat wrapped so that a caller sees the elements that hold
 * nothing but text, each with the name of the one around it.  Pure.  Depth and
 * size are bounded; a document type, and with it every entity but the five of
 * XML itself, is an error, and so is any encoding but UTF-8.
 */
#ifndef COMMON_BASE_XML_H
#define COMMON_BASE_XML_H

#include "common/base/buf.h"
#include "common/base/error.h"

enum {
	XML_DEPTH_MAX = 16,
	XML_NAME_MAX = 63,         /* bytes kept of a name */
	XML_TEXT_MAX = 1024 * 1024 /* bytes */
};

/* parent is "" for the outermost element; text is borrowed for the call. */
typedef void xml_fn(void *arg, const char *parent, const char *name,
    struct span text);

/*
 * Returns 0, or -1 with *e (ERROR_RETRY: a bad answer may be better next
 * time).  Elements may have been passed on before an error is found.
 */
int xml_parse(struct span document, xml_fn *fn, void *arg, struct error *e);

#endif
