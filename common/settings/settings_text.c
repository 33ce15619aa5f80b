/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See settings_text.h. */
#include "common/settings/settings_text.h"

#include <stdlib.h>
#include <string.h>

#include "common/http/http_url.h"
#include "common/settings/settings_unit.h"

#include "common/base/banned.h"

#define LOWER      "abcdefghijklmnopqrstuvwxyz"
#define UPPER      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS     "0123456789"
#define SEPARATORS ", \t"

enum {
	REGION_MAX = 63, /* a label of a host */
	BUCKET_MIN = 3,  /* S3 User Guide, "Bucket naming rules" */
	BUCKET_MAX = 63,
	NAMESPACE_MAX = 255 /* CloudWatch User Guide, "Namespaces" */
};

/* ---- queues ---- */

const char *
settings_text_check_queue_url(const char *text)
{
	struct http_url url;
	const char *name;
	size_t n;

	if (http_url_split_endpoint(text, &url) == -1)
		return "is not an http or https URL";
	if (strcmp(url.path, "/") == 0)
		return "is a URL without a queue's name";
	/* SQS counts ".fifo" as part of the name's 80 characters. */
	name = http_url_last_segment(text);
	n = strspn(name, LOWER UPPER DIGITS "_-");
	if (n == 0 || strlen(name) > SETTINGS_QUEUE_NAME_MAX ||
	    (name[n] != '\0' && strcmp(name + n, ".fifo") != 0))
		return "does not end in a queue's name (1 to 80 letters, "
		       "digits, - and _, with .fifo behind if it is one)";
	return NULL;
}

const char *
settings_text_check_endpoint_url(const char *text)
{
	struct http_url url;

	return http_url_split_endpoint(text, &url) == -1
	    ? "is not an http or https URL"
	    : NULL;
}

const char *
settings_text_check_region(const char *text)
{
	size_t n = strspn(text, LOWER DIGITS "-");

	return n == 0 || n > REGION_MAX || text[n] != '\0'
	    ? "is not the name of a region, such as eu-west-1"
	    : NULL;
}

/* ---- S3 buckets ---- */

bool
settings_text_is_bucket_name(const char *p, size_t len)
{
	return strspn(p, LOWER DIGITS ".-") >= len;
}

/* Moves *list to its next name; returns the name's length, 0 at the end. */
static size_t
next_name(const char **list)
{
	*list += strspn(*list, SEPARATORS);
	return strcspn(*list, SEPARATORS);
}

bool
settings_text_is_bucket_listed(const char *bucket, const char *list)
{
	size_t len;

	if (list == NULL)
		return false;
	for (; (len = next_name(&list)) > 0; list += len)
		if (strlen(bucket) == len && memcmp(bucket, list, len) == 0)
			return true;
	return false;
}

const char *
settings_text_check_buckets(const char *list)
{
	size_t len, n = 0;

	for (; (len = next_name(&list)) > 0; list += len, n++)
		if (len < BUCKET_MIN || len > BUCKET_MAX ||
		    !settings_text_is_bucket_name(list, len))
			return "has a name that is not a bucket's (3 to 63 "
			       "lower-case letters, digits, . and -)";
	return n > 0 ? NULL : "names no bucket";
}

/* ---- a namespace of CloudWatch ---- */

const char *
settings_text_check_namespace(const char *text)
{
	size_t len = strlen(text);

	if (len == 0 || len > NAMESPACE_MAX)
		return "must have 1 to 255 characters";
	if (strspn(text, LOWER UPPER DIGITS "._#:/-") != len)
		return "may have letters, digits and . - _ / # : alone";
	if (strncmp(text, "AWS/", 4) == 0)
		return "must not begin with AWS/, which is AWS's own";
	return NULL;
}

/* ---- umask and limits ---- */

int
settings_text_parse_umask(const char *text, mode_t *ret)
{
	size_t len = strlen(text);

	if (len == 0 || len > 4 || text[strspn(text, "01234567")] != '\0' ||
	    strtoul(text, NULL, 8) > 0777)
		return -1;
	*ret = (mode_t)strtoul(text, NULL, 8);
	return 0;
}

int
settings_text_parse_limit(const char *text, rlim_t *ret)
{
	int64_t n;

	if (strcmp(text, "unlimited") == 0) {
		*ret = RLIM_INFINITY;
		return 0;
	}
	if (settings_unit_parse_size(text, &n) == -1)
		return -1;
	*ret = (rlim_t)n;
	return 0;
}

const char *
settings_text_check_umask(const char *text)
{
	mode_t mode;

	return settings_text_parse_umask(text, &mode) == 0
	    ? NULL
	    : "is not an octal number from 0 to 0777";
}

const char *
settings_text_check_limit(const char *text)
{
	rlim_t n;

	return settings_text_parse_limit(text, &n) == 0
	    ? NULL
	    : "is not a number such as 1024 or 64K, nor unlimited";
}

const char *
settings_text_check_limit_nofile(const char *text)
{
	rlim_t n;

	if (settings_text_parse_limit(text, &n) == 0 && n < SETTINGS_NOFILE_MIN)
		return "is fewer than the 64 that sqsherd needs";
	return settings_text_check_limit(text);
}
