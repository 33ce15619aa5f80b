/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A fetch begins with the keys in the profile, of another source or of a
 * program, and with them assumes one role after the other.  The files are read
 * at each fetch, so a change needs no restart.  See credentials_profile.h.
 */
#include "common/credentials/credentials_profile.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/xalloc.h"
#include "common/credentials/credentials_container.h"
#include "common/credentials/credentials_env.h"
#include "common/credentials/credentials_imds.h"
#include "common/credentials/credentials_process.h"
#include "common/credentials/credentials_web_identity.h"
#include "common/credentials/profile_chain.h"
#include "common/credentials/profile_files.h"
#include "common/credentials/sts.h"

#include "common/base/banned.h"

struct profile_fetch {
	const struct credentials_context *x;
	credentials_fetched_fn *done;
	void *arg;
	struct profile_set *set;
	struct profile_chain chain; /* borrows from set */
	size_t assumed;             /* roles, so far */
	/* The part of the fetch that is under way: one of these, or none. */
	const struct credentials_source *source;
	void *source_fetch;
	struct sts_call *call;
	struct credentials_process *process;
	/*
	 * A part that is started may end at once, so only the outermost
	 * function frees.
	 */
	bool entered;
	bool over;
};

/*
 * A profile that was chosen but does not exist is a mistake for a person, not a
 * reason to sign with other keys.  So is a file that cannot be read.
 */
static int
profile_configured(const struct credentials_context *x)
{
	struct profile_chain chain;
	struct profile_set *set;
	int configured;

	if ((set = profile_files_load(x->get, NULL)) == NULL)
		return 1;
	configured =
	    profile_resolve(set, profile_name(x->get), &chain, NULL) != 0 ||
	    (profile_chosen(x->get) != NULL &&
		!profile_exists(set, profile_name(x->get)));
	profile_free(set);
	return configured;
}

/* Returns f, or NULL if f was over and is freed. */
static struct profile_fetch *
leave(struct profile_fetch *f)
{
	f->entered = false;
	if (!f->over)
		return f;
	profile_free(f->set);
	free(f);
	return NULL;
}

static void
finish(struct profile_fetch *f, struct credentials_keys *keys,
    const struct error *e)
{
	credentials_fetched_fn *done = f->done;
	void *arg = f->arg;

	f->over = true;
	done(arg, keys, e);
}

static credentials_fetched_fn on_keys;

/* Assumes the next role with these keys, or ends the fetch with them. */
static void
go_on(struct profile_fetch *f, struct credentials_keys *keys,
    const struct error *e)
{
	f->source_fetch = NULL;
	f->call = NULL;
	f->process = NULL;
	if (keys == NULL || f->assumed == f->chain.n_roles) {
		finish(f, keys, e);
	} else {
		f->call = sts_start(f->x, f->set, &f->chain.roles[f->assumed++],
		    keys, NULL, on_keys, f);
		credentials_keys_free(keys);
	}
}

static void
on_keys(void *arg, struct credentials_keys *keys, const struct error *e)
{
	struct profile_fetch *f = arg;
	bool is_outermost = !f->entered;

	f->entered = true;
	go_on(f, keys, e);
	if (is_outermost)
		(void)leave(f);
}

static void
begin_with_source(struct profile_fetch *f,
    const struct credentials_source *source)
{
	f->source = source;
	f->source_fetch = source->fetch(f->x, on_keys, f);
}

/* A value may hold a line break, because an indented line continues it. */
static int
check_keys(const struct profile_fetch *f, struct error *e)
{
	static const char *const keys[] = { "aws_access_key_id",
		"aws_secret_access_key", "aws_session_token",
		"aws_security_token" };
	const char *profile = f->chain.keys_profile, *value;
	char what[80];
	size_t i;

	for (i = 0; i < nitems(keys); i++) {
		value = profile_get(f->set, profile, keys[i]);
		if (value == NULL || credentials_keys_is_visible(value))
			continue;
		(void)snprintf(what, sizeof(what),
		    "%s holds a blank or control character", keys[i]);
		return profile_refuse(f->set, profile, keys[i], what, e);
	}
	return 0;
}

static void
begin_with_keys(struct profile_fetch *f)
{
	const struct profile_chain *c = &f->chain;
	struct error e;

	if (check_keys(f, &e) == -1)
		go_on(f, NULL, &e);
	else
		go_on(f,
		    credentials_keys_new(c->access_key_id, c->secret_access_key,
			c->session_token, 0),
		    NULL);
}

static void
begin(struct profile_fetch *f)
{
	const struct profile_chain *c = &f->chain;

	switch (c->base) {
	case PROFILE_BASE_KEYS:
		begin_with_keys(f);
		break;
	case PROFILE_BASE_ENVIRONMENT:
		begin_with_source(f, &credentials_env);
		break;
	case PROFILE_BASE_CONTAINER:
		begin_with_source(f, &credentials_container);
		break;
	case PROFILE_BASE_IMDS:
		begin_with_source(f, &credentials_imds);
		break;
	case PROFILE_BASE_WEB_IDENTITY:
		f->call = credentials_web_identity_start(f->x, f->set,
		    &c->web_identity, c->token_file, on_keys, f);
		break;
	case PROFILE_BASE_PROCESS:
		f->process =
		    credentials_process_start(f->x, c->process, on_keys, f);
		break;
	}
}

static int
find_chain(struct profile_fetch *f, struct error *e)
{
	const char *name = profile_name(f->x->get);

	if ((f->set = profile_files_load(f->x->get, e)) == NULL)
		return -1;
	if (profile_check(f->set, name, e) == -1)
		return -1;
	switch (profile_resolve(f->set, name, &f->chain, e)) {
	case 1:
		return 0;
	case 0:
		return error_set(e, ERROR_OPERATOR,
		    "profile '%s' says nothing about credentials", name);
	default:
		return -1;
	}
}

static void *
profile_fetch(const struct credentials_context *x, credentials_fetched_fn *done,
    void *arg)
{
	struct profile_fetch *f = xcalloc(1, sizeof(*f));
	struct error e;

	f->x = x;
	f->done = done;
	f->arg = arg;
	f->entered = true;
	if (find_chain(f, &e) == -1)
		finish(f, NULL, &e);
	else
		begin(f);
	return leave(f);
}

static void
profile_cancel(void *state)
{
	struct profile_fetch *f = state;

	if (f->source_fetch != NULL)
		f->source->cancel(f->source_fetch);
	sts_cancel(f->call);
	credentials_process_cancel(f->process);
	profile_free(f->set);
	free(f);
}

const struct credentials_source credentials_profile = {
	.name = "profile",
	.shared = true,
	.configured = profile_configured,
	.fetch = profile_fetch,
	.cancel = profile_cancel,
};
