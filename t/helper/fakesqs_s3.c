/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A little of S3, path-style below /s3: any client may put an object, and a
 * client that signs may get it.
 */

#include "fakesqs_s3.h"

#include <stdlib.h>
#include <string.h>

#include "fakesqs_conn.h"
#include "fakesqs_creds.h"
#include "fakesqs_fault_answer.h"
#include "fakesqs_map.h"

#define PREFIX "/s3/"

static struct map objects; /* "BUCKET/KEY" to struct buf */
static struct buf **all;   /* to be freed */
static size_t n_all;

static void
answer(struct conn *c, int status, const char *type, struct span body)
{
	struct reply r = { .status = status, .type = type };

	buf_add(&r.body, body.p, body.len);
	conn_reply(c, &r);
	buf_release(&r.body);
}

static void
answer_error(struct conn *c, int status, const char *code)
{
	struct buf xml = { 0 };

	buf_addf(&xml,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s"
	    "</Code><Message>no such thing</Message><RequestId>R1</RequestId>"
	    "</Error>",
	    code);
	answer(c, status, "application/xml",
	    (struct span){ xml.data, xml.len });
	buf_release(&xml);
}

static void
put(struct conn *c, struct span name)
{
	struct buf *object = map_get(&objects, name);

	if (object == NULL) {
		object = xcalloc(1, sizeof(*object));
		all = xreallocarray(all, n_all + 1, sizeof(*all));
		all[n_all++] = object;
		map_put(&objects, name, object);
	}
	buf_reset(object);
	buf_add(object, c->req.body.p, c->req.body.len);
	answer(c, 200, "text/plain", (struct span){ "", 0 });
}

static void
get(struct conn *c, struct span name)
{
	const struct buf *object = map_get(&objects, name);

	conn_call_open(c, OP_S3);
	if (fault_answer(c))
		return;
	if (!span_starts(c->req.authorization, "AWS4-HMAC-SHA256 "))
		answer_error(c, 403, "AccessDenied");
	else if (!creds_time_is_right(c))
		answer_error(c, 403, "RequestTimeTooSkewed");
	else if (!creds_accepts(c))
		answer_error(c, 400, "ExpiredToken");
	else if (object == NULL)
		answer_error(c, 404, "NoSuchKey");
	else
		answer(c, 200, "application/octet-stream",
		    (struct span){ object->data, object->len });
}

bool
s3_request(struct conn *c)
{
	struct buf name = { 0 };

	if (!span_starts(c->req.path, PREFIX))
		return false;
	url_decode((struct span){ c->req.path.p + sizeof(PREFIX) - 1,
		       c->req.path.len - (sizeof(PREFIX) - 1) },
	    &name);
	if (span_is(c->req.method, "PUT"))
		put(c, (struct span){ name.data, name.len });
	else
		get(c, (struct span){ name.data, name.len });
	buf_release(&name);
	return true;
}

void
s3_release(void)
{
	while (n_all > 0) {
		buf_release(all[--n_all]);
		free(all[n_all]);
	}
	free(all);
	map_release(&objects);
}
