/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Sends entries: from a source, which checks them, to a list of pending ones,
 * and from there in batches on up to four requests.  Entries that fail for a
 * reason that may pass go back to the head of the list.  Each body that was
 * read is counted once, as sent or as failed.
 */
#ifndef TOOLS_SENDER_H
#define TOOLS_SENDER_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/aws/aws_client.h"
#include "common/aws/sqs.h"
#include "common/settings/settings.h"
#include "tools/send_failures.h"
#include "tools/send_options.h"
#include "tools/send_source.h"

enum {
	SENDER_REQUESTS_MAX = 4 /* in flight */
};

struct sender_entry { /* a message to send */
	TAILQ_ENTRY(sender_entry) entry;
	long long number;
	unsigned tries;
	size_t len;
	char *body;
	char deduplication_id[SEND_ID_MAX + 1]; /* "": none */
};

struct sender;

TAILQ_HEAD(sender_entries, sender_entry);

struct sender_request {
	struct sender *sender;
	struct aws_call *call; /* NULL: free */
	struct sender_entry *entries[SQS_BATCH_MAX];
	size_t n;
};

struct sender {
	const struct send_options *options;
	const struct queue_settings *queue;
	struct aws_client client;
	struct send_source source;
	bool source_ended;
	bool source_dry;
	bool stdin_idle; /* dry, and nothing to read right now */
	bool stopped;    /* before the source's end */
	struct sender_entries pending;
	struct sender_entries
	    again; /* of the answer being read, to be retried */
	size_t n_pending;
	size_t pending_bytes;
	struct sender_request requests[SENDER_REQUESTS_MAX];
	size_t n_requests; /* how many requests may be in flight */
	size_t in_flight;
	int64_t resume_ms; /* no request before: a retry's pause */
	long long sent, failed;
	struct send_failures failures; /* that were not printed yet */
	int64_t tell_ms; /* when to print them; CLOCK_NEVER: there are none */
	bool on_terminal;
	bool progress_shown;
	int64_t progress_ms; /* when it was shown */
};

/*
 * options, settings and all that they point to are borrowed until the release.
 * Returns 0, or -1 with *e.
 */
int sender_open(struct sender *s, const struct send_options *options,
    const struct settings *settings, struct error *e);
void sender_release(struct sender *s);

/*
 * Takes bodies from the source and sends what can be sent.  Returns when it
 * wants to be called next if nothing happens before.
 */
int64_t sender_step(struct sender *s, int64_t now_ms);
/* Can the sender go on only when stdin has been read? */
bool sender_wants_stdin(const struct sender *s);
/* Is each body counted, and is no more to come? */
bool sender_is_done(const struct sender *s);
/* Reads and sends no more; the requests that are in flight are waited for. */
void sender_stop(struct sender *s, const char *why);

/* On a terminal, prints a line with the counts, over the line before. */
void sender_show_progress(struct sender *s, int64_t now_ms);
void sender_clear_progress(struct sender *s);
/* Prints the failures that have waited long enough for others to join them. */
void sender_tell_due_failures(struct sender *s, int64_t now_ms);
void sender_tell_failures(struct sender *s);

#endif
