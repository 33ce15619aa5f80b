/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A lease on a page that all children of a queue share: one 64-bit word that
 * names the slot of its holder and the time when it ends.  It is taken, renewed
 * and given up by compare-and-swap, so a child that dies with a lease leaves
 * nothing to be cleaned up.  0 is a free lease.
 *
 * Pure.
 */
#ifndef COMMON_IPC_LEASE_H
#define COMMON_IPC_LEASE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	LEASE_HOLDER_BITS = 16 /* of a lease; the rest is its end, in ms */
};

static inline uint64_t
lease_new(unsigned slot, int64_t until_ms)
{
	return (uint64_t)until_ms << LEASE_HOLDER_BITS | (slot + 1);
}

/* The slot that has this lease; UINT_MAX: it is free. */
static inline unsigned
lease_holder(uint64_t lease)
{
	return (unsigned)(lease & ((1U << LEASE_HOLDER_BITS) - 1)) - 1;
}

static inline int64_t
lease_end_ms(uint64_t lease)
{
	return (int64_t)(lease >> LEASE_HOLDER_BITS);
}

/*
 * May the child of this slot take the lease?  A lease that ends later than a
 * new one would is garbage.  A lease that names this slot was taken by an
 * earlier child of the slot.
 */
static inline bool
lease_is_free(uint64_t lease, unsigned slot, int64_t longest_ms, int64_t now_ms)
{
	return lease_end_ms(lease) <= now_ms ||
	    lease_end_ms(lease) > now_ms + longest_ms ||
	    lease_holder(lease) == slot;
}

#endif
