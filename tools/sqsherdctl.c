/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * sqsherdctl: asks about, and signals, a running supervisor.  It finds out
 * what it says from the supervisor's title, which the supervisor keeps true,
 * so it needs no socket, no shell and no write access: fit for a container's
 * health check.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/exitcode.h"
#include "common/xalloc.h"

#include "common/banned.h"

/* "sqsherd: supervisor [jobs 7/8 ready, mail 1/1 ready]" */
#define TITLE_PREFIX "sqsherd: supervisor ["

enum {
	TITLE_MAX = 512
};

static void
usage(FILE *to)
{
	fputs("usage: sqsherdctl [-p pid] command\n"
	      "\n"
	      "commands:\n"
	      "  health   exit 0 if the supervisor runs and a child is ready, "
	      "else 1\n"
	      "  status   print what the supervisor says of itself\n"
	      "  stop     drain and stop it (SIGTERM)\n"
	      "  report   have it log a status report (SIGUSR1)\n"
	      "  version  print the version\n"
	      "\n"
	      "Without -p the only supervisor of this machine or container is "
	      "meant.\n",
	    to);
}

/* The title of a process; false if it has none or is no supervisor. */
static bool
supervisor_title(long pid, char title[TITLE_MAX])
{
	char path[64];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%ld/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return false;
	n = read(fd, title, TITLE_MAX - 1);
	close(fd);
	if (n <= 0)
		return false;
	title[n] = '\0';
	return strncmp(title, TITLE_PREFIX, strlen(TITLE_PREFIX)) == 0;
}

/* Its pid; 0: there is none, -1: there are several. */
static long
find_supervisor(void)
{
	char title[TITLE_MAX];
	struct dirent *entry;
	const char *problem;
	long long pid;
	long found = 0;
	DIR *d = opendir("/proc");

	if (d == NULL)
		return 0;
	while ((entry = readdir(d)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		pid = strtonum(entry->d_name, 1, INT32_MAX, &problem);
		if (problem != NULL || !supervisor_title((long)pid, title))
			continue;
		if (found != 0) {
			found = -1;
			break;
		}
		found = (long)pid;
	}
	closedir(d);
	return found;
}

/* Every queue has a ready child: " N/M ready" with N above 0, at least once. */
static bool
is_healthy(const char *title)
{
	const char *p = title;
	size_t ready, wanted;
	int queues = 0;

	while ((p = strchr(p, ' ')) != NULL) {
		ready = strspn(++p, "0123456789");
		if (ready == 0 || p[ready] != '/')
			continue;
		wanted = strspn(p + ready + 1, "0123456789");
		if (strncmp(p + ready + 1 + wanted, " ready", 6) != 0)
			continue;
		if (p[0] == '0')
			return false;
		queues++;
	}
	return queues > 0;
}

static int
health(long pid, const char *title)
{
	bool healthy = is_healthy(title);

	printf("%s: %ld %s\n", healthy ? "healthy" : "unhealthy", pid, title);
	return healthy ? EXITCODE_OK : EXITCODE_FAILED;
}

static int
status(long pid, const char *title)
{
	printf("%ld %s\n", pid, title);
	return EXITCODE_OK;
}

static int
send_signal(long pid, int signal)
{
	if (kill((pid_t)pid, signal) == 0)
		return EXITCODE_OK;
	fprintf(stderr, "sqsherdctl: cannot signal process %ld: %s\n", pid,
	    strerror(errno));
	return EXITCODE_FAILED;
}

static int
stop(long pid, const char *title)
{
	(void)title;
	return send_signal(pid, SIGTERM);
}

static int
report(long pid, const char *title)
{
	(void)title;
	return send_signal(pid, SIGUSR1);
}

static const struct {
	const char *name;
	int (*run)(long pid, const char *title);
} commands[] = { { "health", health }, { "status", status }, { "stop", stop },
	{ "report", report } };

static int
run_command(size_t i, long pid)
{
	char title[TITLE_MAX];

	if (pid == 0)
		pid = find_supervisor();
	if (pid == -1) {
		fputs("sqsherdctl: there are several supervisors: name one "
		      "with -p\n",
		    stderr);
		return EXITCODE_USAGE;
	}
	if (pid == 0 || !supervisor_title(pid, title)) {
		fputs("sqsherdctl: no supervisor is running\n", stderr);
		return EXITCODE_FAILED;
	}
	return commands[i].run(pid, title);
}

static long
parse_pid(const char *text)
{
	const char *problem;
	long long pid = strtonum(text, 1, INT32_MAX, &problem);

	if (problem == NULL)
		return (long)pid;
	fprintf(stderr, "sqsherdctl: process id \"%s\" is %s\n", text, problem);
	exit(EXITCODE_USAGE);
}

int
main(int argc, char **argv)
{
	long pid = 0;
	size_t i;
	int option;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		usage(stdout);
		return EXITCODE_OK;
	}
	while ((option = getopt(argc, argv, "p:h")) != -1) {
		switch (option) {
		case 'p':
			pid = parse_pid(optarg);
			break;
		case 'h':
			usage(stdout);
			return EXITCODE_OK;
		default:
			usage(stderr);
			return EXITCODE_USAGE;
		}
	}
	if (optind + 1 != argc) {
		usage(stderr);
		return EXITCODE_USAGE;
	}
	if (strcmp(argv[optind], "version") == 0) {
		puts("sqsherdctl " SQSHERD_VERSION);
		return EXITCODE_OK;
	}
	for (i = 0; i < nitems(commands); i++)
		if (strcmp(argv[optind], commands[i].name) == 0)
			return run_command(i, pid);
	fprintf(stderr, "sqsherdctl: unknown command \"%s\"\n", argv[optind]);
	usage(stderr);
	return EXITCODE_USAGE;
}
