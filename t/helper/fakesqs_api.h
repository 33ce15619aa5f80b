/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

#ifndef FAKESQS_API_H
#define FAKESQS_API_H

#include <stdbool.h>
#include <stdint.h>

#include "fakesqs_calls.h"
#include "fakesqs_util.h"

struct conn;
struct queue;

struct api_stats {
	uint64_t polling; /* long polls waiting now */
	uint64_t polling_max;
	uint64_t receives_empty;
	uint64_t polls_aborted;
};

extern struct api_stats api_stats;

/* Knobs. */
extern bool api_auth_wanted;
extern int64_t api_purge_interval_s;
extern int64_t api_stale_change_ok;

void api_init(int port, const char *account, const char *region);
/* A request with an X-Amz-Target, or a stray POST. */
void api_request(struct conn *c);
/* Answers long polls for which something became available. */
void api_serve(void);
/*
 * Performs CreateQueue or SendMessage for the admin interface, without counting
 * it as a call.  Returns NULL or the error's code, as in fakesqs_api.c.
 */
const char *api_admin_call(struct conn *c, enum op op, const struct buf *json,
    struct buf *out);
/* Long polls that wait for q now. */
uint64_t api_polling(const struct queue *q);

#endif
