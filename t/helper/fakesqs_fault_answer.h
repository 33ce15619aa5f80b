/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

#ifndef FAKESQS_FAULT_ANSWER_H
#define FAKESQS_FAULT_ANSWER_H

#include <stdbool.h>

#include "fakesqs_conn.h"

/* Lets the call's fault answer or silence it; returns whether the fault did. */
bool fault_answer(struct conn *c);

#endif
