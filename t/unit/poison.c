/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Who is blamed for deaths, and who is forgotten first.
 */
#include "supervisor/slots/poison.h"

#include "t/unit/tap.h"

static struct poison poison;

static void
test_blame(void)
{
	is_int(poison_blame(&poison, "a", 10), 1, "a first death");
	is_int(poison_blame(&poison, "b", 11), 1, "by another message as well");
	is_int(poison_blame(&poison, "a", 12), 2, "the second by the same");
	is_int(poison_blame(&poison, "a", 13), 3, "and the third");
}

static void
test_forgetting(void)
{
	char id[16];
	int i;

	for (i = 0; i < POISON_MAX * 3; i++) {
		(void)snprintf(id, sizeof(id), "chance-%d", i);
		(void)poison_blame(&poison, id, 100 + i);
	}
	is_int(poison_blame(&poison, "a", 900), 4,
	    "many deaths by chance do not hide a killer");
	is_int(poison_blame(&poison, id, 901), 2,
	    "the latest suspect is remembered");
	is_int(poison_blame(&poison, "b", 902), 1, "the oldest is forgotten");
	is_int(poison_blame(&poison, "chance-0", 903), 1, "as all are of old");
}

int
main(void)
{
	test_blame();
	test_forgetting();
	return tap_done();
}
