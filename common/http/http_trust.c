/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See http_trust.h. */
#include "common/http/http_trust.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <openssl/x509.h>

#include "common/base/file.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	BUNDLE_CHECK_MS = 1000
};

/*
 * Is it a name such as "002c0b4f.0": the hash of a subject, and a number for
 * those that share it?
 */
static bool
is_hashed_link(const char *name)
{
	return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' &&
	    name[9] >= '0' && name[9] <= '9';
}

static bool
has_hashed_links(const char *directory)
{
	DIR *d = opendir(directory);
	struct dirent *entry;
	bool found = false;

	if (d == NULL)
		return false;
	while (!found && (entry = readdir(d)) != NULL)
		found = is_hashed_link(entry->d_name);
	(void)closedir(d);
	return found;
}

struct http_trust
http_trust_choose(const struct http_trust *candidates, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		const struct http_trust *c = &candidates[i];

		if (c->directory != NULL && has_hashed_links(c->directory))
			return (struct http_trust){ .directory = c->directory };
		if (c->file != NULL &&
		    file_check(c->file, HTTP_TRUST_MAX_BYTES) == 0)
			return (struct http_trust){ .file = c->file };
	}
	return candidates[n - 1];
}

struct http_trust
http_trust_of_system(CURL *easy)
{
	struct http_trust candidates[] = {
		{ NULL, NULL },
		{ X509_get_default_cert_dir(), X509_get_default_cert_file() },
	};
	char *directory = NULL, *file = NULL;

	(void)curl_easy_getinfo(easy, CURLINFO_CAPATH, &directory);
	(void)curl_easy_getinfo(easy, CURLINFO_CAINFO, &file);
	candidates[0] = (struct http_trust){ directory, file };
	return http_trust_choose(candidates, nitems(candidates));
}

int
http_trust_check_bundle(struct http_bundle *b, int64_t now_ms)
{
	if (b->checked_ms == 0 || now_ms - b->checked_ms >= BUNDLE_CHECK_MS) {
		b->checked_ms = now_ms;
		b->errnum =
		    file_check(b->path, HTTP_TRUST_MAX_BYTES) == 0 ? 0 : errno;
	}
	return b->errnum;
}
