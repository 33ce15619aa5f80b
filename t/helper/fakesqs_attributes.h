/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

#ifndef FAKESQS_ATTRIBUTES_H
#define FAKESQS_ATTRIBUTES_H

#include <stdbool.h>

#include "fakesqs_json.h"
#include "fakesqs_queue.h"

/*
 * A function that can fail returns NULL or the error's code, and leaves the
 * error's message in problem_text.
 */
extern char problem_text[512];
const char *problem(const char *code, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Checks all of a map of queue attributes, for a queue to be if q is NULL. */
const char *attributes_check(const struct queue *q, const struct json *map,
    bool fifo);
/* Applies a checked map. */
void attributes_apply(struct queue *q, const struct json *map);
void attributes_default(struct queue *q);
/* Has q each value that this checked map gives? */
bool attributes_equal(const struct queue *q, const struct json *map);
/* Writes the "Attributes" member for a list of names, or nothing. */
const char *attributes_write(struct buf *out, const struct queue *q,
    const struct json *names);

#endif
