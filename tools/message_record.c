/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See message_record.h. */
#include "tools/message_record.h"

#include <stdio.h>
#include <string.h>

#include "common/base/json.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

struct record {
	char event[32], id[128], outcome[32];
};

static int
on_record_value(void *arg, const struct json_path *path,
    const struct json_value *v)
{
	struct record *r = arg;
	const struct {
		const char *key;
		char *to;
		size_t size;
	} members[] = {
		{ "event", r->event, sizeof(r->event) },
		{ "id", r->id, sizeof(r->id) },
		{ "outcome", r->outcome, sizeof(r->outcome) },
	};
	size_t i;

	if (path->depth != 1 || v->type != JSON_STRING)
		return 0;
	for (i = 0; i < nitems(members); i++)
		if (json_key_is(&path->level[0], members[i].key))
			(void)snprintf(members[i].to, members[i].size, "%.*s",
			    (int)v->text.len, v->text.p);
	return 0;
}

enum message_record
message_record_read(struct span line, const char *id)
{
	struct record r = { .event = "" };

	if (json_parse(line, on_record_value, &r, NULL) == -1 ||
	    strcmp(r.event, "message") != 0 || strcmp(r.id, id) != 0)
		return MESSAGE_RECORD_OTHER;
	if (strcmp(r.outcome, "deleted") == 0)
		return MESSAGE_RECORD_DELETED;
	if (strcmp(r.outcome, "rejected") == 0)
		return MESSAGE_RECORD_REJECTED;
	return MESSAGE_RECORD_OTHER;
}
