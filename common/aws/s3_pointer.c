/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Pointers to objects of S3.  See s3_pointer.h.
 */
#include "common/aws/s3_pointer.h"

#include <limits.h>
#include <string.h>

#include "common/base/json.h"
#include "common/base/xalloc.h"
#include "common/settings/settings_text.h"

#include "common/base/banned.h"

struct parser {
	struct s3_pointer to;
	bool named; /* the class is one of those known */
};

static const char *const classes[] = {
	"software.amazon.payloadoffloading.PayloadS3Pointer",
	"com.amazon.sqs.javamessaging.MessageS3Pointer"
};

static const char *const markers[] = { "ExtendedPayloadSize",
	"SQSLargePayloadSize" };

static int
on_class(struct parser *p, const struct json_value *v)
{
	size_t i;

	for (i = 0; v->type == JSON_STRING && i < nitems(classes); i++)
		if (span_is(v->text, classes[i]))
			p->named = true;
	return p->named ? 0 : -1;
}

static int
keep(const struct json_value *v, char *to, size_t size)
{
	if (v->type != JSON_STRING || v->text.len == 0 || v->text.len >= size ||
	    memchr(v->text.p, '\0', v->text.len) != NULL)
		return -1;
	memcpy(to, v->text.p, v->text.len);
	to[v->text.len] = '\0';
	return 0;
}

/* Checks the bucket's name, which becomes a part of the host. */
static int
keep_bucket(struct parser *p, const struct json_value *v)
{
	return keep(v, p->to.bucket, sizeof(p->to.bucket)) == 0 &&
		settings_text_is_bucket_name(p->to.bucket, v->text.len)
	    ? 0
	    : -1;
}

static int
on_value(void *arg, const struct json_path *path, const struct json_value *v)
{
	struct parser *p = arg;
	const struct json_level *level = path->level;

	if (path->depth == 0)
		return v->type == JSON_ARRAY || v->type == JSON_ARRAY_END ? 0
									  : -1;
	if (path->depth == 1 && level[0].index == 0)
		return on_class(p, v);
	if (path->depth == 1)
		return level[0].index == 1 &&
			(v->type == JSON_OBJECT || v->type == JSON_OBJECT_END)
		    ? 0
		    : -1;
	if (path->depth > 2)
		return 0;
	if (json_key_is(&level[1], "s3BucketName"))
		return keep_bucket(p, v);
	if (json_key_is(&level[1], "s3Key"))
		return keep(v, p->to.key, sizeof(p->to.key));
	return 0;
}

bool
s3_pointer_parse(struct span body, struct s3_pointer *ret)
{
	struct parser p = { .named = false };
	struct error e;

	if (json_parse(body, on_value, &p, &e) == -1 || !p.named ||
	    p.to.bucket[0] == '\0' || p.to.key[0] == '\0')
		return false;
	*ret = p.to;
	return true;
}

bool
s3_pointer_is_marked(const struct message_attribute *attributes, size_t n,
    long long *ret_bytes)
{
	struct json_value v = { .type = JSON_STRING };
	size_t i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < nitems(markers); j++) {
			if (strcmp(attributes[i].name, markers[j]) != 0)
				continue;
			v.text = (struct span){ attributes[i].value,
				attributes[i].value_len };
			if (json_integer(&v, 0, LLONG_MAX, ret_bytes) == -1)
				*ret_bytes = -1;
			return true;
		}
	return false;
}
