/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * sqs-e2e's command line.
 */
#ifndef TOOLS_E2E_OPTIONS_H
#define TOOLS_E2E_OPTIONS_H

struct e2e_options {
	const char *queue_url, *log_group, *cluster, *service, *body;
	int timeout_s;
};

/*
 * Borrows argv. --help and --version end the program; so does a wrong option,
 * with EXITCODE_USAGE. queue_url may stay NULL.
 */
void e2e_options_parse(struct e2e_options *ret, int argc, char **argv);

#endif
