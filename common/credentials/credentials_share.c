/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See credentials_share.h.
 *
 * The lease is one word: its end and the pid of its holder.  Each time it is
 * taken it has a new number, which is also the number of the record that its
 * holder may write, in the place number % PLACES.  The record becomes the
 * newest by compare-and-swap from the record that was the newest when the lease
 * was taken, so a writer that was stopped and wakes up too late changes nothing
 * that another process reads.
 */
#include "common/credentials/credentials_share.h"

#include <sys/mman.h>

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	PLACES = 4,
	PID_BITS = 22 /* of Linux's largest pid */
};

struct place {
	struct credentials_content content;
	unsigned char digest[32]; /* of the content */
};

struct credentials_share {
	_Atomic uint64_t lease; /* 0: free */
	_Atomic uint64_t takings;
	_Atomic uint64_t newest;
	struct place places[PLACES];
};

struct credentials_share *
credentials_share_new(void)
{
	struct credentials_share *s;

	s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED)
		return NULL;
	/*
	 * Keeps the share out of core files and, if that is allowed, out of
	 * swap.
	 */
	(void)madvise(s, sizeof(*s), MADV_DONTDUMP);
	(void)mlock(s, sizeof(*s));
	return s;
}

void
credentials_share_free(struct credentials_share *s)
{
	if (s != NULL)
		(void)munmap(s, sizeof(*s));
}

void
credentials_share_forget(struct credentials_share *s)
{
	atomic_store(&s->newest, 0);
}

/* ---- records ---- */

static int
digest_of(const struct credentials_content *c, unsigned char ret[32])
{
	return EVP_Digest(c, sizeof(*c), ret, NULL, EVP_sha256(), NULL) == 1
	    ? 0
	    : -1;
}

uint64_t
credentials_share_newest(const struct credentials_share *s)
{
	return atomic_load_explicit(&s->newest, memory_order_acquire);
}

/* The string at *at, behind which it moves *at; NULL: it has no end. */
static const char *
take_string(const struct credentials_content *c, size_t *at)
{
	const char *s = c->strings + *at;
	size_t len = strnlen(s, sizeof(c->strings) - *at);

	if (len == sizeof(c->strings) - *at)
		return NULL;
	*at += len + 1;
	return s;
}

/* All strings but the secret are put into headers. */
static struct credentials_keys *
keys_of(const struct credentials_content *c)
{
	struct credentials_keys *keys;
	const char *text[3];
	size_t i, at = 0;

	for (i = 0; i < nitems(text); i++) {
		text[i] = take_string(c, &at);
		if (text[i] == NULL ||
		    (i != 1 && !credentials_keys_is_visible(text[i])) ||
		    (text[i][0] == '\0') != (i == 2 && c->has_token == 0))
			return NULL;
	}
	keys = credentials_keys_new(text[0], text[1],
	    c->has_token != 0 ? text[2] : NULL, c->expiration_ms);
	keys->strict = c->strict != 0;
	return keys;
}

/* Is ms in the range in which the difference of two times does not overflow? */
static bool
is_time(int64_t ms)
{
	return ms >= -INT64_MAX / 4 && ms <= INT64_MAX / 4;
}

static bool
is_error(const struct error *e)
{
	return (unsigned)e->kind <= ERROR_INVALID &&
	    memchr(e->text, '\0', sizeof(e->text)) != NULL &&
	    memchr(e->code, '\0', sizeof(e->code)) != NULL &&
	    memchr(e->request_id, '\0', sizeof(e->request_id)) != NULL;
}

int
credentials_content_read(const struct credentials_content *c,
    struct credentials_record *ret)
{
	struct credentials_keys *keys = NULL;

	if (!is_time(c->expiration_ms) || !is_time(c->state_expiration_ms) ||
	    !is_time(c->refresh_real_ms) || !is_time(c->critical_real_ms) ||
	    !is_time(c->not_before_ms) || !is_error(&c->error) ||
	    (c->has_keys != 0) != (c->have_keys != 0))
		return -1;
	if (c->has_keys != 0 && (keys = keys_of(c)) == NULL)
		return -1;
	ret->keys = keys;
	ret->error = c->error;
	ret->state = (struct credentials_state){ .have_keys = keys != NULL,
		.fetching = c->fetching != 0,
		.refused = c->refused != 0,
		.strict = c->state_strict != 0,
		.expiration_ms = c->state_expiration_ms,
		.refresh_real_ms = c->refresh_real_ms,
		.critical_real_ms = c->critical_real_ms,
		.not_before_ms = c->not_before_ms,
		.failures = c->failures };
	return 0;
}

int
credentials_share_read(const struct credentials_share *s, uint64_t *ret_number,
    struct credentials_record *ret)
{
	uint64_t number = credentials_share_newest(s);
	unsigned char digest[32];
	struct place *copy;
	int result = -1;

	if (number == 0)
		return -1;
	/* The record is checked in a copy, where no other process can write. */
	copy = xmalloc(sizeof(*copy));
	memcpy(copy, &s->places[number % PLACES], sizeof(*copy));
	if (copy->content.number == number &&
	    digest_of(&copy->content, digest) == 0 &&
	    memcmp(digest, copy->digest, sizeof(digest)) == 0 &&
	    credentials_content_read(&copy->content, ret) == 0) {
		*ret_number = number;
		result = 0;
	}
	freezero(copy, sizeof(*copy));
	return result;
}

/* Returns -1 if it does not fit. */
static int
put_string(struct credentials_content *c, size_t *at, const char *s)
{
	size_t size = strlen(s) + 1;

	if (size > sizeof(c->strings) - *at)
		return -1;
	memcpy(c->strings + *at, s, size);
	*at += size;
	return 0;
}

static int
fill(struct credentials_content *c, uint64_t number,
    const struct credentials_record *r)
{
	const struct credentials_keys *k = r->keys;
	size_t at = 0;

	/* The digest covers the padding, too. */
	memset(c, 0, sizeof(*c));
	c->number = number;
	c->error = r->error;
	c->have_keys = r->state.have_keys;
	c->fetching = r->state.fetching;
	c->refused = r->state.refused;
	c->state_strict = r->state.strict;
	c->state_expiration_ms = r->state.expiration_ms;
	c->refresh_real_ms = r->state.refresh_real_ms;
	c->critical_real_ms = r->state.critical_real_ms;
	c->not_before_ms = r->state.not_before_ms;
	c->failures = r->state.failures;
	if (k == NULL)
		return 0;
	c->has_keys = true;
	c->has_token = k->session_token != NULL;
	c->strict = k->strict;
	c->expiration_ms = k->expiration_ms;
	if (put_string(c, &at, k->access_key_id) == -1 ||
	    put_string(c, &at, k->secret_access_key) == -1 ||
	    put_string(c, &at,
		k->session_token != NULL ? k->session_token : "") == -1)
		return -1;
	return 0;
}

/* ---- the lease ---- */

static uint64_t
word_of(int64_t until_ms, pid_t pid)
{
	return (uint64_t)until_ms << PID_BITS | (uint64_t)pid;
}

/*
 * Has the lease ended, or the process that holds it?  If the holder's pid was
 * given to another process, the lease still ends by its time.
 */
static bool
is_free(uint64_t word, int64_t now_ms)
{
	pid_t holder = (pid_t)(word & ((UINT64_C(1) << PID_BITS) - 1));

	/* No lease is that long: the word is damaged. */
	if ((int64_t)(word >> PID_BITS) > now_ms + CREDENTIALS_LEASE_MS)
		return true;
	return word == 0 || (int64_t)(word >> PID_BITS) <= now_ms ||
	    (kill(holder, 0) == -1 && errno == ESRCH);
}

bool
credentials_share_take(struct credentials_share *s,
    struct credentials_lease *lease, int64_t now_ms)
{
	uint64_t ours = word_of(now_ms + CREDENTIALS_LEASE_MS, getpid());
	uint64_t word = atomic_load(&s->lease);

	if (lease->word != 0 && word == lease->word) {
		if (!atomic_compare_exchange_strong(&s->lease, &word, ours))
			return false;
		lease->word = ours;
		return true;
	}
	lease->word = 0;
	if (!is_free(word, now_ms) ||
	    !atomic_compare_exchange_strong(&s->lease, &word, ours))
		return false;
	lease->word = ours;
	lease->number = atomic_fetch_add(&s->takings, 1) + 1;
	lease->newest = credentials_share_newest(s);
	return true;
}

void
credentials_share_give_back(struct credentials_share *s,
    struct credentials_lease *lease)
{
	uint64_t word = lease->word;

	if (word != 0)
		(void)atomic_compare_exchange_strong(&s->lease, &word, 0);
	lease->word = 0;
}

uint64_t
credentials_share_publish(struct credentials_share *s,
    struct credentials_lease *lease, const struct credentials_record *record)
{
	struct place *place = &s->places[lease->number % PLACES];
	uint64_t newest = lease->newest, number = 0;

	if (lease->word != 0 && atomic_load(&s->lease) == lease->word &&
	    fill(&place->content, lease->number, record) == 0 &&
	    digest_of(&place->content, place->digest) == 0 &&
	    atomic_compare_exchange_strong(&s->newest, &newest, lease->number))
		number = lease->number;
	credentials_share_give_back(s, lease);
	return number;
}
