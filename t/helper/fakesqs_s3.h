/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

#ifndef FAKESQS_S3_H
#define FAKESQS_S3_H

#include <stdbool.h>

struct conn;

/* Answers a request for /s3/; returns false if it is none. */
bool s3_request(struct conn *c);
void s3_release(void);

#endif
