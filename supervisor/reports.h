/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* Answers the requests that change nothing: status, health and metrics. */
#ifndef SUPERVISOR_REPORTS_H
#define SUPERVISOR_REPORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "supervisor/control/control_request.h"

struct supervisor;

/* Appends the answer to r; returns false if r is another kind of request. */
bool reports_put(struct supervisor *s, const struct control_request *r,
    struct buf *to, int64_t now_ms);

#endif
