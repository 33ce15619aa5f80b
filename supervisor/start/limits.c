/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See limits.h.
 */
#include "supervisor/start/limits.h"

#include <sys/resource.h>

#include <inttypes.h>
#include <unistd.h>

#include "common/base/cgroup.h"
#include "common/settings/settings_problem.h"
#include "common/settings/settings_text.h"

#include "common/base/banned.h"

enum {
	/*
	 * The supervisor's descriptors beside an eventfd for each queue: 3 that
	 * every process has, 3 for the log, a signalfd, an eventfd and a pipe
	 * for its children, 10 for sqsherdctl, a few for systemd, the reporter
	 * and /proc, and as many again to spare.  A child needs no more: it has
	 * 6 connections to SQS and S3 at most, a resolver's pair for each, 7
	 * for a handler that is being started, and libcurl's own.
	 */
	NOFILE_OWN = 40
};

int64_t
limits_nofile_needed(int64_t n_queues)
{
	int64_t n = NOFILE_OWN + n_queues;

	return n > SETTINGS_NOFILE_MIN ? n : SETTINGS_NOFILE_MIN;
}

int64_t
limits_processes_needed(int64_t n_children)
{
	return 1 + 2 * n_children; /* each with a handler */
}

static int64_t
limit_of(__rlimit_resource_t resource)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) == -1 || limit.rlim_cur > INT64_MAX)
		return INT64_MAX;
	return (int64_t)limit.rlim_cur;
}

static void
check_processes(struct settings_problems *problems, int64_t n_children)
{
	int64_t needed = limits_processes_needed(n_children);
	int64_t of_user = limit_of(RLIMIT_NPROC), of_cgroup = cgroup_pids();

	/* Root may have more (getrlimit(2), RLIMIT_NPROC). */
	if (getuid() != 0 && of_user < needed)
		settings_problem_report(problems,
		    "%" PRId64 " children and their handlers need %" PRId64
		    " processes, and the limit of the user is %" PRId64
		    "; raise it (ulimit -u, LimitNPROC=, limit_nproc)",
		    n_children, needed, of_user);
	if (of_cgroup < needed)
		settings_problem_report(problems,
		    "%" PRId64 " children and their handlers need %" PRId64
		    " processes, and the limit of the control group is %" PRId64
		    "; raise it (TasksMax=, --pids-limit)",
		    n_children, needed, of_cgroup);
}

int
limits_check(const struct settings *s, int64_t n_children,
    settings_problem_fn *problem, void *arg)
{
	struct settings_problems problems = { .report = problem, .arg = arg };
	int64_t needed = limits_nofile_needed((int64_t)s->n_queues);
	int64_t nofile = limit_of(RLIMIT_NOFILE);

	if (nofile < needed)
		settings_problem_report(&problems,
		    "%" PRId64 " open descriptors are needed, and the limit is "
		    "%" PRId64 "; raise it (ulimit -n, LimitNOFILE=, "
		    "limit_nofile)",
		    needed, nofile);
	check_processes(&problems, n_children);
	return problems.n == 0 ? 0 : -1;
}
