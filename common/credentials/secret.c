/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See secret.h. */
#include "common/credentials/secret.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

void
secret_free(char *s)
{
	if (s != NULL)
		freezero(s, strlen(s));
}

void
secret_release(struct buf *b)
{
	if (b->data != NULL)
		explicit_bzero(b->data, b->cap);
	buf_release(b);
}
