/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The error answers of AWS services: reads them, and finds what they mean for
 * the caller.  Pure.
 */
#ifndef COMMON_HTTP_AWS_ERROR_H
#define COMMON_HTTP_AWS_ERROR_H

#include <stdbool.h>

#include "common/base/error.h"
#include "common/http/http.h"

/* The kind of an error, by its code (of AWS, SQS or STS) and status. */
enum error_kind aws_classify(const char *code, int http_status);

/* Can the time of the signature be the reason for this code? */
bool aws_blames_clock(const char *code);

/* Can one entry be the reason that SQS refuses a batch with this code? */
bool aws_blames_entries(const char *code);

/*
 * Is it an error?  Any status but 200 is one, and so is a 200 whose body names
 * an error in its "__type", as some servers send it.
 */
bool aws_is_error(const struct http_answer *answer);

/*
 * Changes e->text if the error means that the server does not know the AWS JSON
 * protocol: the server is not one of this service, or is too old.
 */
void aws_explain_protocol(struct error *e);

/*
 * Reads an error answer: x-amzn-query-error first, then "__type" or "code" of
 * the JSON body, then X-Amzn-ErrorType; an XML body's <Code> as a last resort.
 */
void aws_parse_error(const struct http_answer *answer, struct error *ret);

#endif
