/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* The forms of single texts.  See settings_names.h. */
#include "common/settings/settings_names.h"

#include <stdlib.h>
#include <string.h>

#include "common/settings/settings_unit.h"

#include "common/base/banned.h"

#define SEPARATORS ", \t"

enum {
	BUCKET_MIN = 3, /* S3 User Guide, "Bucket naming rules" */
	BUCKET_MAX = 63,
	NAMESPACE_MAX = 255 /* CloudWatch User Guide, "Namespaces" */
};

/* ---- buckets of S3 ---- */

bool
settings_is_bucket_name(const char *p, size_t len)
{
	return strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789.-") >= len;
}

/* The next name of a list: its length, 0 at the end. */
static size_t
next_name(const char **list)
{
	*list += strspn(*list, SEPARATORS);
	return strcspn(*list, SEPARATORS);
}

bool
settings_is_bucket_listed(const char *bucket, const char *list)
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
settings_check_buckets(const char *list)
{
	size_t len, n = 0;

	for (; (len = next_name(&list)) > 0; list += len, n++)
		if (len < BUCKET_MIN || len > BUCKET_MAX ||
		    !settings_is_bucket_name(list, len))
			return "has a name that is not a bucket's (3 to 63 "
			       "lower-case letters, digits, . and -)";
	return n > 0 ? NULL : "names no bucket";
}

/* ---- a namespace of CloudWatch ---- */

const char *
settings_check_namespace(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._#:/-";
	size_t len = strlen(text);

	if (len == 0 || len > NAMESPACE_MAX)
		return "must have 1 to 255 characters";
	if (strspn(text, allowed) != len)
		return "may have letters, digits and . - _ / # : alone";
	if (strncmp(text, "AWS/", 4) == 0)
		return "must not begin with AWS/, which is AWS's own";
	return NULL;
}

/* ---- what a process is given ---- */

int
settings_parse_umask(const char *text, mode_t *ret)
{
	size_t len = strlen(text);

	if (len == 0 || len > 4 || text[strspn(text, "01234567")] != '\0' ||
	    strtoul(text, NULL, 8) > 0777)
		return -1;
	*ret = (mode_t)strtoul(text, NULL, 8);
	return 0;
}

int
settings_parse_limit(const char *text, rlim_t *ret)
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
settings_check_umask(const char *text)
{
	mode_t mode;

	return settings_parse_umask(text, &mode) == 0
	    ? NULL
	    : "is not an octal number from 0 to 0777";
}

const char *
settings_check_limit(const char *text)
{
	rlim_t n;

	return settings_parse_limit(text, &n) == 0
	    ? NULL
	    : "is not a number such as 1024 or 64K, nor unlimited";
}

const char *
settings_check_limit_nofile(const char *text)
{
	rlim_t n;

	if (settings_parse_limit(text, &n) == 0 && n < SETTINGS_NOFILE_MIN)
		return "is fewer than the 64 that sqsherd needs";
	return settings_check_limit(text);
}
