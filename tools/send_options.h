/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The options of sqs-send.  A wrong option ends the program with
 * EXITCODE_USAGE, after a message that says which option is wrong and why.
 */
#ifndef TOOLS_SEND_OPTIONS_H
#define TOOLS_SEND_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/aws/sqs.h"
#include "common/base/buf.h"
#include "common/settings/settings.h"

enum {
	SEND_ATTRIBUTES_MAX = 10,
	SEND_ID_MAX = 128 /* bytes of a group or deduplication id */
};

struct send_options {
	const char *queue_url, *endpoint_url, *region;
	const char *group_id, *deduplication_id;
	bool content_dedup;
	bool verbose;
	int delay_s;      /* -1: the queue's */
	long long count;  /* 0: not given */
	const char *file; /* all of it is one body; "-": stdin; NULL: none */
	char *const *bodies;
	size_t n_bodies;
	struct sqs_attribute attributes[SEND_ATTRIBUTES_MAX];
	size_t n_attributes;
	size_t attributes_bytes; /* they count as the body does */
};

/* Borrows and cuts up argv.  --help and --version end the program. */
void send_options_parse(struct send_options *ret, int argc, char **argv);
/* Checks what depends on the queue. */
void send_options_check_queue(const struct send_options *o,
    const struct queue_settings *q);

/* Do the options ask for one body, sent once? */
bool send_options_is_one_message(const struct send_options *o);

/* Pure.  Does SQS accept a message with this text? */
bool send_text_is_legal(struct span text);

#endif
