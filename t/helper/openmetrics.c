/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Exits 0 if its input is OpenMetrics, by the rules of t/unit/openmetrics.h;
 * otherwise prints what is wrong.
 */
#include "t/unit/openmetrics.h"

#include <stdio.h>

int
main(void)
{
	static char text[4 * 1024 * 1024];
	size_t n = fread(text, 1, sizeof(text) - 1, stdin);
	const char *wrong;

	text[n] = '\0';
	wrong = strlen(text) == n ? openmetrics_check(text) : "a NUL";
	if (wrong != NULL)
		printf("%s\n", wrong);
	return wrong != NULL;
}
