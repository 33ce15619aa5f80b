/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

#ifndef FAKESQS_FAULT_ANSWER_H
#define FAKESQS_FAULT_ANSWER_H

#include <stdbool.h>

#include "fakesqs_conn.h"

/* True when the call was answered, or silenced, by its fault. */
bool fault_answer(struct conn *c);

#endif
