/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Test data that AWS's SDKs share.  It is not part of this project: in
 * $SQSHERD_SHARED, or ../shared, where there is a copy.
 */
#ifndef UNIT_SHARED_H
#define UNIT_SHARED_H

#include <stdio.h>
#include <stdlib.h>

#include <yajl/yajl_tree.h>

static const char shared_absent[] = "the data is not in ../shared";

/* The path of a file or folder of it; a static string. */
static inline const char *
shared_path(const char *name)
{
	const char *shared = getenv("SQSHERD_SHARED");
	static char path[1024];

	(void)snprintf(path, sizeof(path), "%s/reference/data/%s",
	    shared != NULL ? shared : "../shared", name);
	return path;
}

/* Reads and parses a file of JSON; NULL: it is not there. */
static inline yajl_val
shared_json_at(const char *path)
{
	static char text[1 << 18];
	char error[256];
	FILE *f = fopen(path, "rb");

	if (f == NULL)
		return NULL;
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return yajl_tree_parse(text, error, sizeof(error));
}

static inline yajl_val
shared_json(const char *name)
{
	return shared_json_at(shared_path(name));
}

static inline yajl_val
shared_member(yajl_val tree, const char *name)
{
	const char *path[] = { name, NULL };

	return yajl_tree_get(tree, path, yajl_t_any);
}

static inline const char *
shared_text(yajl_val tree, const char *name)
{
	return YAJL_GET_STRING(shared_member(tree, name));
}

#endif
