/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

#ifndef FAKESQS_ERROR_H
#define FAKESQS_ERROR_H

struct conn;

/*
 * Answers with the error of this name (shape or query code).  status 0 and
 * message NULL stand for the error's own.
 */
void error_reply(struct conn *c, const char *code, int status,
    const char *message);
/* The query code of a shape, which is the Code of a failed entry of a batch. */
const char *error_query_code(const char *code);
const char *error_message(const char *code);

#endif
