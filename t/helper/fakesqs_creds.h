/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

#ifndef FAKESQS_CREDS_H
#define FAKESQS_CREDS_H

#include <stdbool.h>
#include <stdint.h>

struct conn;

/* Knobs. */
extern int64_t creds_lifetime_s;
extern int64_t creds_expires; /* 0: answers have no Expiration */
extern int64_t creds_enforce;
extern int64_t creds_fail; /* HTTP status, 0: works */
extern int64_t creds_hang;
extern int64_t creds_bad_json;
extern char *creds_token; /* NULL: none wanted */
extern char *sts_token;   /* NULL: any */
extern int64_t imds_off;
extern int64_t imds_no_role;
extern int64_t imds_ttl_s; /* granted at most; 0: as asked */
extern char *imds_code;    /* NULL: "Success" */
extern char *imds_spot;    /* spot/instance-action, NULL: 404 */
extern char *imds_asg;     /* autoscaling/target-lifecycle-state */

/* Answers a request to one of these endpoints; returns false if it is none. */
bool creds_request(struct conn *c);
/* Was the request signed for a time close enough to ours? */
bool creds_time_is_right(const struct conn *c);
/* Is the request's key valid, by the knob creds_enforce? */
bool creds_accepts(const struct conn *c);
/* From now on the newest key is refused, too. */
void creds_revoke(void);
void creds_set_region(const char *region);
uint64_t creds_handed_out(void);
void creds_release(void);

#endif
