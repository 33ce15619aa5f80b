/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The places of the certificates that a system trusts.  From a directory
 * OpenSSL reads single certificates as they are needed; of a bundle each child
 * has a parsed copy, some 400 kB.  But a directory is of use only with the
 * hashed links that c_rehash(1) makes, which Amazon Linux and its kin do not
 * have.
 */
#ifndef COMMON_HTTP_HTTP_TRUST_H
#define COMMON_HTTP_HTTP_TRUST_H

#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

enum {
	/* The size of a bundle; those of systems have 200 to 300 kB. */
	HTTP_TRUST_MAX_BYTES = 16 * 1024 * 1024
};

/* Paths, borrowed; NULL: not to be used. */
struct http_trust {
	const char *directory;
	const char *file;
};

/*
 * Returns, of the first candidate that is of use, the directory or else the
 * file.  If no candidate is, returns both of the last, so that the error names
 * them.
 */
struct http_trust http_trust_choose(const struct http_trust *candidates,
    size_t n);

/* The places that libcurl was built with, or else those of OpenSSL. */
struct http_trust http_trust_of_system(CURL *easy);

/* A bundle that was named. */
struct http_bundle {
	const char *path;   /* borrowed; NULL: none */
	int64_t checked_ms; /* 0: never */
	int errnum;         /* what was wrong then, or 0 */
};

/*
 * Can OpenSSL read the bundle?  OpenSSL would wait for a FIFO, and for the end
 * of a file that never ends, and the process with it.  The file is checked
 * again only after a second, because a busy child makes thousands of requests
 * in that time.  Returns 0 or an errno.
 */
int http_trust_check_bundle(struct http_bundle *b, int64_t now_ms);

#endif
