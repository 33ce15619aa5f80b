/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

#ifndef FAKESQS_ADMIN_H
#define FAKESQS_ADMIN_H

#include <stdbool.h>

struct conn;

/* Answers a request of the admin interface; returns false if it is none. */
bool admin_request(struct conn *c);
/* Answers those /_wait calls whose condition holds by now. */
void admin_check_waits(void);

#endif
