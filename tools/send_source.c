/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The source of bodies.  See send_source.h.
 */
#include "tools/send_source.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/aws/sqs.h"
#include "common/base/exitcode.h"

#include "common/base/banned.h"

enum {
	READ_BYTES = 64 * 1024
};

static void
open_as_stdin(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd == -1 || dup2(fd, STDIN_FILENO) == -1)
		err(EXITCODE_FAILED, "cannot open '%s'", path);
	(void)close(fd);
}

void
send_source_open(struct send_source *s, const struct send_options *o)
{
	memset(s, 0, sizeof(*s));
	s->options = o;
	if (o->file != NULL && strcmp(o->file, "-") != 0)
		open_as_stdin(o->file);
	/* Room for a line from stdin that is just too long, and for what was
	   read with it. */
	buf_init(&s->text, SQS_MESSAGE_MAX + 2 * READ_BYTES);
}

void
send_source_release(struct send_source *s)
{
	buf_release(&s->text);
}

static enum send_source_state __attribute__((format(printf, 2, 3)))
bad(struct send_body *ret, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(ret->problem, sizeof(ret->problem), fmt, ap);
	va_end(ap);
	return SEND_SOURCE_BAD;
}

static enum send_source_state
check_body(const struct send_options *o, struct send_body *ret)
{
	size_t len = ret->body.len;

	if (len == 0)
		return bad(ret, "is empty");
	if (len + o->attributes_bytes > SQS_MESSAGE_MAX)
		return bad(ret, "is larger than 1 MiB%s",
		    o->n_attributes > 0 ? " with its attributes" : "");
	if (memchr(ret->body.p, '\0', len) != NULL)
		return bad(ret, "holds a NUL byte");
	if (!send_text_is_legal(ret->body))
		return bad(ret,
		    "is not UTF-8, or not of the characters that SQS "
		    "allows");
	return SEND_SOURCE_BODY;
}

/* The template with its number in place of each "%d". */
static struct span
fill_template(struct send_source *s)
{
	const char *p = s->options->bodies[0];
	const char *mark;

	buf_reset(&s->text);
	while ((mark = strstr(p, "%d")) != NULL) {
		buf_append(&s->text, p, (size_t)(mark - p));
		buf_put_int(&s->text, s->number);
		p = mark + 2;
	}
	buf_puts(&s->text, p);
	return buf_span(&s->text);
}

static enum send_source_state
next_argument(struct send_source *s, struct send_body *ret)
{
	const struct send_options *o = s->options;
	long long last = o->count > 0 ? o->count : (long long)o->n_bodies;

	if (s->number == last)
		return SEND_SOURCE_END;
	s->number++;
	ret->body =
	    o->count > 0 ? fill_template(s) : span_of(o->bodies[s->number - 1]);
	if (s->text.overflow)
		return bad(ret, "is larger than 1 MiB");
	return check_body(o, ret);
}

/* Takes the next line out of the text, without its newline. */
static enum send_source_state
take_line(struct send_source *s, struct span *ret)
{
	size_t left = s->text.len - s->at;
	const char *from = buf_str(&s->text) + s->at;
	const char *newline = left > 0 ? memchr(from, '\n', left) : NULL;

	if (newline == NULL && !s->eof && left <= SQS_MESSAGE_MAX)
		return SEND_SOURCE_DRY;
	if (newline == NULL && left == 0)
		return SEND_SOURCE_END;
	ret->p = from;
	ret->len = newline != NULL ? (size_t)(newline - from) : left;
	s->at += ret->len + (newline != NULL);
	if (newline == NULL && !s->eof)
		s->skipping = true;
	s->number++;
	return SEND_SOURCE_BODY;
}

/* Drops the text up to the end of a line that is too long. */
static void
skip_rest_of_line(struct send_source *s)
{
	size_t left = s->text.len - s->at;
	const char *from = buf_str(&s->text) + s->at;
	const char *newline = left > 0 ? memchr(from, '\n', left) : NULL;

	s->at = newline != NULL ? (size_t)(newline + 1 - buf_str(&s->text))
				: s->text.len;
	if (newline != NULL || s->eof)
		s->skipping = false;
}

static enum send_source_state
next_line(struct send_source *s, struct send_body *ret)
{
	enum send_source_state state;

	if (s->skipping)
		skip_rest_of_line(s);
	if (s->skipping)
		return SEND_SOURCE_DRY;
	state = take_line(s, &ret->body);
	return state == SEND_SOURCE_BODY ? check_body(s->options, ret) : state;
}

/* The body is all of the file; of a file that is too long, not all is read. */
static enum send_source_state
next_file(struct send_source *s, struct send_body *ret)
{
	if (s->number > 0)
		return SEND_SOURCE_END;
	if (!s->eof && s->text.len <= SQS_MESSAGE_MAX)
		return SEND_SOURCE_DRY;
	s->number = 1;
	ret->body = buf_span(&s->text);
	return check_body(s->options, ret);
}

enum send_source_state
send_source_next(struct send_source *s, struct send_body *ret)
{
	if (s->options->file != NULL)
		return next_file(s, ret);
	return s->options->n_bodies > 0 ? next_argument(s, ret)
					: next_line(s, ret);
}

void
send_source_read(struct send_source *s)
{
	ssize_t n;
	char *to;

	/* The rest of the text is less than a line: move it to the front. */
	if (s->at > 0) {
		memmove(s->text.data, s->text.data + s->at,
		    s->text.len - s->at);
		s->text.len -= s->at;
		s->at = 0;
	}
	to = buf_reserve(&s->text, READ_BYTES);
	n = read(STDIN_FILENO, to, READ_BYTES);
	if (n > 0)
		s->text.len += (size_t)n;
	else if (n == 0)
		s->eof = true;
	else if (errno != EINTR && errno != EAGAIN)
		err(EXITCODE_FAILED, "cannot read %s",
		    s->options->file != NULL ? s->options->file : "stdin");
}
