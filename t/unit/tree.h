/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A tree of files in which a test plays /proc and /sys.
 */
#ifndef T_UNIT_TREE_H
#define T_UNIT_TREE_H

#include <sys/stat.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Writes text to a file below root, making its directories. */
static inline void
tree_put(const char *root, const char *file, const char *text)
{
	char path[1024];
	size_t i;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", root, file);
	for (i = strlen(root) + 1; path[i] != '\0'; i++)
		if (path[i] == '/') {
			path[i] = '\0';
			(void)mkdir(path, 0700);
			path[i] = '/';
		}
	f = fopen(path, "we");
	if (f == NULL || fputs(text, f) == EOF || fclose(f) == EOF) {
		perror(path);
		exit(1);
	}
}

static inline int
tree_remove_entry(const char *path, const struct stat *st, int kind,
    struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static inline void
tree_remove(const char *root)
{
	(void)nftw(root, tree_remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
