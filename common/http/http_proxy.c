/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See http_proxy.h. */
#include "common/http/http_proxy.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

/*
 * The exceptions from the environment, and some that always hold, because a
 * proxy cannot reach this machine or the metadata services of its network.
 */
char *
http_proxy_exceptions(void)
{
	const char *own = getenv("no_proxy");

	if (own == NULL)
		own = getenv("NO_PROXY");
	/* A star means all hosts, but only where it stands alone. */
	if (own != NULL && strcmp(own, "*") == 0)
		return xstrdup(own);
	return xasprintf("localhost,127.0.0.0/8,::1,169.254.169.254,"
			 "169.254.170.2,169.254.170.23,fd00:ec2::254,"
			 "fd00:ec2::23%s%s",
	    own != NULL ? "," : "", own != NULL ? own : "");
}
