/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The interface of a source of credentials, for credentials.c and for a profile
 * that names the source.
 */
#ifndef COMMON_CREDENTIALS_CREDENTIALS_SOURCE_H
#define COMMON_CREDENTIALS_CREDENTIALS_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/error.h"
#include "common/credentials/credentials_keys.h"
#include "common/credentials/profile.h"
#include "common/http/aws_endpoint.h"
#include "common/http/http.h"

/*
 * Reads an environment variable; NULL: unset.  A parameter, so that tests need
 * not change their own environment.
 */
typedef profile_getenv_fn credentials_getenv_fn;

/* The context of a fetch, which is the same for all sources. */
struct credentials_context {
	struct http *http; /* borrowed */
	credentials_getenv_fn *get;
	const char *region; /* of STS if the user names none; borrowed */
	struct aws_endpoint_variant variant; /* of STS's endpoint, whatever a
					    profile says */
	bool allow_http;    /* to an STS that is not on this machine */
	int64_t timeout_ms; /* of a credential_process */
};

/*
 * On success keys is not NULL, and the callee owns it.  On failure keys is NULL
 * and *e has the reason without the name of the source: ERROR_RETRY or
 * ERROR_THROTTLED, or ERROR_OPERATOR if a person must act.
 */
typedef void credentials_fetched_fn(void *arg, struct credentials_keys *keys,
    const struct error *e);

struct credentials_source {
	const char *name;
	bool shared; /* a fetch is costly, so its result is shared */
	/* Is this source configured?  1 yes, 0 no. */
	int (*configured)(const struct credentials_context *x);
	/*
	 * Starts a fetch; returns its state, to be given to cancel until done
	 * was called.  May call done at once, and then returns NULL.  x is
	 * borrowed until then.
	 */
	void *(*fetch)(const struct credentials_context *x,
	    credentials_fetched_fn *done, void *arg);
	void (*cancel)(void *state);
};

#endif
