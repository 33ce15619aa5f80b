/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See payload.h. */
#include "child/message/payload.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

static void
unwrap_sns(struct payload *p)
{
	struct sns_notification n;

	if (!sns_parse(p->body, &n))
		return;
	p->sns = xmalloc(sizeof(n));
	*p->sns = n; /* transferred */
	p->body = (struct span){ n.message, n.message_len };
}

void
payload_open(struct payload *p, const struct message *m,
    const struct queue_settings *q)
{
	memset(p, 0, sizeof(*p));
	p->message = m;
	p->file = -1;
	p->body = (struct span){ m->body, m->body_len };
	if (q->unwrap_sns)
		unwrap_sns(p);
}

void
payload_release(struct payload *p)
{
	if (p->message != NULL && p->file != -1)
		close(p->file);
	if (p->sns != NULL)
		sns_release(p->sns);
	free(p->sns);
	memset(p, 0, sizeof(*p));
}
