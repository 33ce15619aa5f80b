/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What an AWS service says when it refuses, and what it means for whoever
 * asked.  Pure.
 */
#ifndef COMMON_HTTP_AWS_ERROR_H
#define COMMON_HTTP_AWS_ERROR_H

#include <stdbool.h>

#include "common/base/error.h"
#include "common/http/http.h"

/* Kind by code and status: common AWS errors, SQS's own and STS's. */
enum error_kind aws_classify(const char *code, int http_status);

/* May this refusal be for the time of the signature? */
bool aws_blames_clock(const char *code);

/* May a batch be refused with this for what one entry of it says? */
bool aws_blames_entries(const char *code);

/*
 * Is it an error?  Anything but a 200 is, and a 200 whose body names one in
 * its "__type", as some servers send it.
 */
bool aws_is_error(const struct http_answer *answer);
/*
 * Does the server not know what it was asked, so that it is none of the
 * service or too old for the AWS JSON protocol?  Then e->text says so, and
 * what to do.
 */
void aws_explain_protocol(struct error *e);

/*
 * Reads an error answer: x-amzn-query-error first, then "__type" or "code" of
 * the JSON body, then X-Amzn-ErrorType; an XML body's <Code> as a last resort.
 */
void aws_parse_error(const struct http_answer *answer, struct error *ret);

#endif
