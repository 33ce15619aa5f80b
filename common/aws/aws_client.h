/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The client of one queue in one process: transfers, credentials and the
 * clients of SQS and S3, made from the settings.  A child, the releaser and
 * sqs-send each have one.
 */
#ifndef COMMON_AWS_AWS_CLIENT_H
#define COMMON_AWS_AWS_CLIENT_H

#include "common/aws/aws.h"
#include "common/aws/s3.h"
#include "common/credentials/credentials.h"
#include "common/credentials/credentials_share.h"
#include "common/http/http.h"
#include "common/settings/settings.h"

struct aws_client {
	struct http *http;
	struct credentials *credentials;
	struct aws *aws;
	struct s3 *s3;   /* NULL: the queue has no s3_buckets */
	char *ca_bundle; /* NULL: the system's */
};

/*
 * Borrows the share of credentials; NULL: there is none.  The first call
 * initialises libcurl, so it must not be in a process that forks users of
 * libcurl.  Returns 0, or -1 with *e when no endpoint can be made from the
 * settings.
 */
int aws_client_open(struct aws_client *c, const struct settings *s,
    const struct queue_settings *q, struct credentials_share *share,
    struct error *e);
/* NULL-safe, and safe after a failed open. */
void aws_client_close(struct aws_client *c);

#endif
