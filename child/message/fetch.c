/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See fetch.h. */
#include "child/message/fetch.h"

#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/settings/settings_text.h"

#include "common/base/banned.h"

struct fetch {
	struct s3 *s3;
	const struct queue_settings *queue;
	fetch_done_fn *done;
	void *arg;

	struct job *job; /* NULL: none under way */
	struct s3_pointer object;
	long long announced; /* bytes; -1: not known */
	int64_t began_ms;
};

struct fetch *
fetch_new(struct s3 *s3, const struct queue_settings *q, fetch_done_fn *done,
    void *arg)
{
	struct fetch *f = xcalloc(1, sizeof(*f));

	f->s3 = s3;
	f->queue = q;
	f->done = done;
	f->arg = arg;
	return f;
}

void
fetch_free(struct fetch *f)
{
	if (f == NULL)
		return;
	if (f->job != NULL)
		s3_cancel(f->s3);
	free(f);
}

bool
fetch_is_busy(const struct fetch *f)
{
	return f->job != NULL;
}

/*
 * SNS passes the attributes of the extended client library on in its envelope.
 */
static bool
is_marked(const struct payload *p, long long *ret_bytes)
{
	return s3_pointer_is_marked(p->message->attributes,
		   p->message->n_attributes, ret_bytes) ||
	    (p->sns != NULL &&
		s3_pointer_is_marked(p->sns->attributes, p->sns->n_attributes,
		    ret_bytes));
}

bool
fetch_is_wanted(const struct fetch *f, const struct payload *p)
{
	long long bytes;

	return f->s3 != NULL && is_marked(p, &bytes);
}

/* ---- the end ---- */

static void
fail(struct fetch *f, struct job *j, enum verdict verdict, const char *why)
{
	char *reason = f->object.key[0] != '\0'
	    ? xasprintf("%s: s3://%s/%s", why, f->object.bucket, f->object.key)
	    : xstrdup(why);
	const struct handler_result failed = { .verdict = verdict,
		.delay_ms = -1,
		.reason = reason,
		.exit_status = -1 };

	f->job = NULL;
	f->done(f->arg, j, &failed);
	free(reason);
}

static void
on_failure(struct fetch *f, struct job *j, const struct error *e)
{
	log_warn("object_failed", log_str("id", j->message.id),
	    log_str("bucket", f->object.bucket), log_str("key", f->object.key),
	    log_str("kind", error_kind_name(e->kind)), LOG_ERROR_FIELDS(e));
	/* S3 is strongly consistent, so an object that is missing has been
	   deleted. */
	fail(f, j,
	    strcmp(e->code, "NoSuchKey") == 0 ? VERDICT_REJECT : VERDICT_RETRY,
	    e->code[0] != '\0' ? e->code : e->text);
}

static void
on_object(void *arg, int64_t bytes, const struct error *e)
{
	struct fetch *f = arg;
	struct job *j = f->job;
	struct error wrong;

	if (e == NULL && f->announced >= 0 && bytes != f->announced) {
		error_set(&wrong, ERROR_OPERATOR, "%lld bytes instead of %lld",
		    (long long)bytes, f->announced);
		e = &wrong;
	}
	if (e != NULL) {
		on_failure(f, j, e);
		return;
	}
	log_debug("object_fetched", log_str("id", j->message.id),
	    log_int("bytes", bytes),
	    log_ms("took_ms", clock_ms() - f->began_ms));
	f->job = NULL;
	f->done(f->arg, j, NULL);
}

/* ---- the start ---- */

/*
 * The file is on disk without a name, so that it is gone with its last
 * descriptor, or in memory if no directory for it is set.
 */
static int
open_file(void)
{
	const char *directory = getenv("TMPDIR");
	int fd;

	fd = open(directory != NULL ? directory : "/tmp",
	    O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return fd != -1 ? fd : memfd_create("s3-object", MFD_CLOEXEC);
}

void
fetch_start(struct fetch *f, struct job *j, int64_t now_ms)
{
	const char *why;
	struct error e;

	jobs_begin_fetch(j, now_ms);
	f->job = j;
	f->began_ms = now_ms;
	f->object.key[0] = '\0';
	(void)is_marked(&j->payload, &f->announced);
	if (!s3_pointer_parse(j->payload.body, &f->object)) {
		fail(f, j, VERDICT_REJECT,
		    "the body is not the S3 pointer that it is marked as");
	} else if (!settings_text_is_bucket_listed(f->object.bucket,
		       f->queue->s3_buckets)) {
		error_set(&e, ERROR_OPERATOR,
		    "the bucket is not in s3_buckets");
		on_failure(f, j, &e);
	} else if ((why = s3_refuses(f->s3, &f->object)) != NULL) {
		fail(f, j, VERDICT_REJECT, why);
	} else if ((j->payload.file = open_file()) == -1) {
		error_set_errno(&e, ERROR_OPERATOR, "no file for it");
		on_failure(f, j, &e);
	} else {
		s3_get(f->s3, &f->object, j->payload.file,
		    f->queue->s3_max_bytes, on_object, f);
	}
}

struct job *
fetch_cancel(struct fetch *f)
{
	struct job *j = f->job;

	if (j != NULL)
		s3_cancel(f->s3);
	f->job = NULL;
	return j;
}

int64_t
fetch_step(struct fetch *f, int64_t now_ms)
{
	const struct job *j = f->job;

	if (j == NULL)
		return CLOCK_NEVER;
	s3_step(f->s3, now_ms);
	return f->job == j ? s3_deadline(f->s3) : now_ms;
}
