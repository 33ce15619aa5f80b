/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * refuse ERROR CALL,... COMMAND [ARG...]: runs a command for which these
 * system calls fail, as under a container runtime that does not know them.
 * ERROR is EPERM or ENOSYS.  The filter is inherited by all that it starts.
 */
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <err.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	CALLS_MAX = 8
};

static const struct {
	const char *name;
	uint32_t number;
} known[] = {
	{ "pidfd_open", SYS_pidfd_open },
	{ "pidfd_send_signal", SYS_pidfd_send_signal },
	{ "close_range", SYS_close_range },
	{ "clone3", SYS_clone3 },
};

static uint32_t
number_of(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].number;
	errx(2, "no call %s", name);
}

/*
 * The filter compares only the numbers of calls: the tests run no programs of
 * another architecture, in which the numbers mean other calls.
 */
static void
refuse(char *names, uint16_t error)
{
	struct sock_filter code[2 + 2 * CALLS_MAX];
	struct sock_fprog program = { 0, code };
	char *name;

	code[program.len++] =
	    (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		offsetof(struct seccomp_data, nr));
	while ((name = strsep(&names, ",")) != NULL) {
		if (program.len >= 1 + 2 * CALLS_MAX)
			errx(2, "too many calls");
		code[program.len++] =
		    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
			number_of(name), 0, 1);
		code[program.len++] =
		    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
			SECCOMP_RET_ERRNO | error);
	}
	code[program.len++] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == -1)
		err(3, "no filter");
}

int
main(int argc, char **argv)
{
	uint16_t error;

	if (argc < 4)
		errx(2, "usage: refuse ERROR CALL,... COMMAND [ARG...]");
	if (strcmp(argv[1], "EPERM") == 0)
		error = EPERM;
	else if (strcmp(argv[1], "ENOSYS") == 0)
		error = ENOSYS;
	else
		errx(2, "no error %s", argv[1]);
	refuse(argv[2], error);
	execv(argv[3], argv + 3);
	err(127, "%s", argv[3]);
}
