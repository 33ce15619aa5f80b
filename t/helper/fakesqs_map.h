/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

#ifndef FAKESQS_MAP_H
#define FAKESQS_MAP_H

#include <stddef.h>

#include "fakesqs_util.h"

struct map_entry;

/* Byte strings to pointers.  All zero is an empty map. */
struct map {
	struct map_entry **slots;
	size_t nslots;
	size_t count;
};

void *map_get(const struct map *m, struct span key);
/* The key is copied; it must not be in the map yet. */
void map_put(struct map *m, struct span key, void *value);
void map_remove(struct map *m, struct span key);
/* Does not touch the values. */
void map_release(struct map *m);

#endif
