/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See settings_url.h. */
#include "common/settings/settings_url.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/loopback.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

enum {
	URL_MAX_BYTES = 900 /* http.h has room for no more */
};

/* Is it a colon and a port, or nothing? */
static bool
is_port(const char *text, size_t len)
{
	char digits[6];

	if (len == 0)
		return true;
	if (text[0] != ':' || len - 1 >= sizeof(digits))
		return false;
	memcpy(digits, text + 1, len - 1);
	digits[len - 1] = '\0';
	return strspn(digits, DIGITS) == len - 1 &&
	    strtonum(digits, 1, 65535, NULL) != 0;
}

static int
keep_host(const char *p, size_t len, char *ret, size_t size)
{
	size_t i;

	if (len == 0 || len >= size)
		return -1;
	for (i = 0; i < len; i++)
		ret[i] = (char)tolower((unsigned char)p[i]);
	ret[len] = '\0';
	return 0;
}

/* "[::1]:80": the host is what is in the brackets. */
static int
split_bracketed(const char *p, size_t len, struct settings_url *ret)
{
	struct in6_addr address;
	size_t n = strcspn(p, "]");

	if (n >= len ||
	    keep_host(p + 1, n - 1, ret->host, sizeof(ret->host)) == -1)
		return -1;
	return inet_pton(AF_INET6, ret->host, &address) == 1 &&
		is_port(p + n + 1, len - n - 1)
	    ? 0
	    : -1;
}

static int
split_authority(const char *p, size_t len, struct settings_url *ret)
{
	size_t n = strspn(p, LOWER UPPER DIGITS "._-");

	if (p[0] == '[')
		return split_bracketed(p, len, ret);
	if (keep_host(p, n, ret->host, sizeof(ret->host)) == -1)
		return -1;
	return is_port(p + n, len - n) ? 0 : -1;
}

int
settings_url_split(const char *text, struct settings_url *ret)
{
	const char *p;

	for (p = text; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || strchr("?#\\\"<>", *p) != NULL)
			return -1;
	if (p - text > URL_MAX_BYTES)
		return -1;
	ret->tls = strncasecmp(text, "https://", 8) == 0;
	if (!ret->tls && strncasecmp(text, "http://", 7) != 0)
		return -1;
	text += ret->tls ? 8 : 7;
	ret->path = text + strcspn(text, "/");
	return split_authority(text, (size_t)(ret->path - text), ret);
}

bool
settings_url_is_loopback(const char *text)
{
	struct settings_url url;

	return settings_url_split(text, &url) == 0 &&
	    loopback_is_host(url.host);
}

/* The label of a host at p must look like a region: "eu-west-1". */
static int
keep_region(const char *p, char *ret, size_t size)
{
	size_t len = strspn(p, LOWER DIGITS "-");

	if (p[len] != '.' || memchr(p, '-', len) == NULL || len >= size)
		return -1;
	memcpy(ret, p, len);
	ret[len] = '\0';
	return 0;
}

/*
 * The names that SQS has had, as the AWS General Reference lists them:
 * sqs.REGION.amazonaws.com, its kin with sqs-fips and vpce-*.sqs, and of old
 * REGION.queue.amazonaws.com and, for us-east-1, queue.amazonaws.com.
 */
int
settings_url_region(const char *text, char *ret, size_t size)
{
	static const char *const services[] = { "sqs.", "sqs-fips." };
	struct settings_url url;
	const char *label;
	size_t i;

	if (settings_url_split(text, &url) == -1)
		return -1;
	if (strcmp(url.host, "queue.amazonaws.com") == 0)
		return strlcpy(ret, "us-east-1", size) < size ? 0 : -1;
	label = url.host + strcspn(url.host, ".");
	if (strncmp(label, ".queue.amazonaws.com", 20) == 0)
		return keep_region(url.host, ret, size);
	for (label = url.host; label != NULL; label = strchr(label, '.')) {
		label += *label == '.';
		for (i = 0; i < nitems(services); i++)
			if (strncmp(label, services[i], strlen(services[i])) ==
			    0)
				return keep_region(label + strlen(services[i]),
				    ret, size);
	}
	return -1;
}

bool
settings_url_is_regional(const char *text)
{
	struct settings_url url;
	char region[64];

	return settings_url_split(text, &url) == 0 &&
	    settings_url_region(text, region, sizeof(region)) == 0 &&
	    strncmp(url.host, "vpce-", 5) != 0;
}

const char *
settings_url_queue_name(const char *text)
{
	const char *slash = strrchr(text, '/');

	return slash != NULL ? slash + 1 : text;
}

const char *
settings_check_queue_url(const char *text)
{
	struct settings_url url;
	const char *name;
	size_t n;

	if (settings_url_split(text, &url) == -1)
		return "is not an http or https URL";
	if (url.path[0] == '\0')
		return "is a URL without a queue's name";
	/* SQS counts ".fifo" as part of the name's 80 characters. */
	name = settings_url_queue_name(text);
	n = strspn(name, LOWER UPPER DIGITS "_-");
	if (n == 0 || strlen(name) > SETTINGS_QUEUE_NAME_MAX ||
	    (name[n] != '\0' && strcmp(name + n, ".fifo") != 0))
		return "does not end in a queue's name (1 to 80 letters, "
		       "digits, - and _, with .fifo behind if it is one)";
	return NULL;
}

const char *
settings_check_endpoint_url(const char *text)
{
	struct settings_url url;

	return settings_url_split(text, &url) == -1
	    ? "is not an http or https URL"
	    : NULL;
}

const char *
settings_check_region(const char *text)
{
	size_t n = strspn(text, LOWER DIGITS "-");

	return n == 0 || n > 63 || text[n] != '\0'
	    ? "is not the name of a region, such as eu-west-1"
	    : NULL;
}
