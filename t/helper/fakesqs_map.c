/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* A chained hash table, for message groups and deduplication ids. */

#include "fakesqs_map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct map_entry {
	struct map_entry *next;
	void *value;
	uint64_t hash;
	size_t key_len;
	char key[];
};

static struct map_entry **
find(const struct map *m, struct span key, uint64_t hash)
{
	struct map_entry **e;

	for (e = &m->slots[hash & (m->nslots - 1)]; *e != NULL;
	     e = &(*e)->next) {
		if ((*e)->hash == hash && (*e)->key_len == key.len &&
		    memcmp((*e)->key, key.p, key.len) == 0)
			break;
	}
	return e;
}

void *
map_get(const struct map *m, struct span key)
{
	struct map_entry *e;

	if (m->count == 0)
		return NULL;
	e = *find(m, key, hash64(key.p, key.len));
	return e == NULL ? NULL : e->value;
}

static void
grow(struct map *m)
{
	struct map_entry **old = m->slots, *e, *next;
	size_t i, n = m->nslots;

	m->nslots = n == 0 ? 64 : n * 2;
	m->slots = xcalloc(m->nslots, sizeof(struct map_entry *));
	for (i = 0; i < n; i++) {
		for (e = old[i]; e != NULL; e = next) {
			size_t slot = e->hash & (m->nslots - 1);

			next = e->next;
			e->next = m->slots[slot];
			m->slots[slot] = e;
		}
	}
	free(old);
}

void
map_put(struct map *m, struct span key, void *value)
{
	struct map_entry *e = xmalloc(sizeof(*e) + key.len);
	size_t slot;

	if (m->count >= m->nslots)
		grow(m);
	e->value = value;
	e->hash = hash64(key.p, key.len);
	e->key_len = key.len;
	memcpy(e->key, key.p, key.len);
	slot = e->hash & (m->nslots - 1);
	e->next = m->slots[slot];
	m->slots[slot] = e;
	m->count++;
}

void
map_remove(struct map *m, struct span key)
{
	struct map_entry **at, *e;

	if (m->count == 0)
		return;
	at = find(m, key, hash64(key.p, key.len));
	if ((e = *at) == NULL)
		return;
	*at = e->next;
	m->count--;
	free(e);
}

void
map_release(struct map *m)
{
	struct map_entry *e, *next;
	size_t i;

	for (i = 0; i < m->nslots; i++) {
		for (e = m->slots[i]; e != NULL; e = next) {
			next = e->next;
			free(e);
		}
	}
	free(m->slots);
	*m = (struct map){ 0 };
}
