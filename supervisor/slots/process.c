/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See process.h.
 */
#include "supervisor/slots/process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/file.h"

#include "common/base/banned.h"

enum {
	TEXT_MAX = 4096
};

/*
 * SIGCONT goes first.  After the other signal it could hit a process that is
 * ending under LeakSanitizer, which stops the threads of the process and would
 * wait for ever for the stop that SIGCONT took away.
 */
void
process_ask(pid_t pid, int signal)
{
	(void)kill(pid, SIGCONT);
	(void)kill(pid, signal);
}

/* Until a child has called setsid(2) its group does not exist. */
void
process_kill(pid_t pid)
{
	(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL);
}

/* ---- the state ---- */

/*
 * The value in the line that begins with this name; NULL: there is no such
 * line.
 */
static const char *
value_of(const char *text, const char *name)
{
	size_t len = strlen(name);

	while (strncmp(text, name, len) != 0) {
		text = strchr(text, '\n');
		if (text == NULL)
			return NULL;
		text++;
	}
	return text + len + strspn(text + len, " \t");
}

/* Copies the text before the first of the characters in ends, cut to size. */
static void
copy_until(const char *from, const char *ends, char *ret, size_t size)
{
	size_t len = strcspn(from, ends);

	if (len >= size)
		len = size - 1;
	memcpy(ret, from, len);
	ret[len] = '\0';
}

void
process_parse_status(const char *text, struct process_state *ret)
{
	/* "State:	S (sleeping)" */
	const char *state = value_of(text, "State:");
	const char *threads = value_of(text, "Threads:");
	const char *rss = value_of(text, "VmRSS:");

	ret->state[0] = '\0';
	if (state != NULL && state[0] != '\0' &&
	    strncmp(state + 1, " (", 2) == 0)
		copy_until(state + 3, ")\n", ret->state, sizeof(ret->state));
	ret->threads = threads == NULL ? 0 : (int)strtol(threads, NULL, 10);
	ret->rss_kb = rss == NULL ? -1 : strtoll(rss, NULL, 10);
}

void
process_parse_wchan(const char *text, struct process_state *ret)
{
	copy_until(text, "\n", ret->wchan, sizeof(ret->wchan));
	if (strcmp(ret->wchan, "0") == 0)
		ret->wchan[0] = '\0';
}

static void
read_file(pid_t pid, const char *name, char *ret, size_t size)
{
	char path[48];

	(void)snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	(void)file_read_text(path, ret, size);
}

void
process_read_state(pid_t pid, struct process_state *ret)
{
	char text[TEXT_MAX];

	read_file(pid, "status", text, sizeof(text));
	process_parse_status(text, ret);
	read_file(pid, "wchan", text, sizeof(text));
	process_parse_wchan(text, ret);
}
