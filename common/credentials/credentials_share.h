/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Credentials that the processes of one sqsherd share: one of them fetches, the
 * others take over the result.  The share is anonymous memory that the
 * supervisor makes before its first fork.  Only processes that the supervisor
 * forked can read it; handlers, which are other programs, cannot, and the
 * supervisor never does.
 *
 * A process can be killed or stopped at any instruction.  The lease names the
 * process that fetches, and ends by itself.  Its holder writes in a place where
 * no other process reads, and which becomes another's only if the holder is
 * stopped for four further fetches.  A reader uses only a record with the right
 * check sum, so even then it uses no torn record.
 */
#ifndef COMMON_CREDENTIALS_CREDENTIALS_SHARE_H
#define COMMON_CREDENTIALS_CREDENTIALS_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/error.h"
#include "common/credentials/credentials_keys.h"
#include "common/credentials/credentials_plan.h"

enum {
	CREDENTIALS_STRINGS_MAX = 12 * 1024, /* bytes of a set's strings */
	/* The life of a lease that is not renewed. */
	CREDENTIALS_LEASE_MS = 6000,
	CREDENTIALS_LEASE_RENEW_MS = 2000
};

/* The result of the last fetch, and the keys to sign with after it. */
struct credentials_record {
	struct credentials_state state;
	struct error error;            /* kind NONE: it went well */
	struct credentials_keys *keys; /* NULL: none */
};

/* NULL with errno when the memory is refused. */
struct credentials_share *credentials_share_new(void);
void credentials_share_free(struct credentials_share *s); /* unmaps */

/*
 * For the supervisor: no process takes over a record that was made before this
 * call, because settings may have changed.
 */
void credentials_share_forget(struct credentials_share *s);

/* The number of the newest record; 0: none.  Each has a number of its own. */
uint64_t credentials_share_newest(const struct credentials_share *s);
/*
 * Copies the newest record, whose keys the caller owns then, and its number.
 * Returns -1 if there is no whole record.
 */
int credentials_share_read(const struct credentials_share *s,
    uint64_t *ret_number, struct credentials_record *ret);

/*
 * A record as it is in the shared memory: without pointers, which would be of
 * no use in another process.  A byte that is not 0 is true.
 */
struct credentials_content {
	uint64_t number;
	int64_t expiration_ms;
	int64_t state_expiration_ms, refresh_real_ms, critical_real_ms;
	int64_t not_before_ms;
	struct error error;
	uint32_t failures;
	uint8_t have_keys, fetching, refused, state_strict;
	uint8_t has_keys, has_token, strict;
	/* Access key id, secret, token, each with its NUL. */
	char strings[CREDENTIALS_STRINGS_MAX];
};

/*
 * Pure.  Makes a record of content that may be damaged.  Returns 0, or -1 if
 * this program could not have written it.
 */
int credentials_content_read(const struct credentials_content *c,
    struct credentials_record *ret);

/* A process's claim to fetch.  Zero it to begin. */
struct credentials_lease {
	uint64_t word;   /* of the share while this process has it; else 0 */
	uint64_t number; /* of the record that it may write */
	uint64_t newest; /* when it was taken */
};

/*
 * Takes the lease if it is free, or renews it if this process has it; false:
 * another process has it.
 */
bool credentials_share_take(struct credentials_share *s,
    struct credentials_lease *lease, int64_t now_ms);
/*
 * Makes the record the newest and gives the lease back.  Returns its number,
 * or 0 if the lease had ended, another process was faster, or the record is too
 * large.
 */
uint64_t credentials_share_publish(struct credentials_share *s,
    struct credentials_lease *lease, const struct credentials_record *record);
void credentials_share_give_back(struct credentials_share *s,
    struct credentials_lease *lease);

#endif
