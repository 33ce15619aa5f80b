/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* Tests compare the manual and the example file with this table. */
#include "common/settings/settings_table.h"

#include <ctype.h>
#include <string.h>

#include "common/base/listen_address.h"
#include "common/base/xalloc.h"
#include "common/ipc/control_path.h"
#include "common/ipc/queue_board.h"
#include "common/settings/settings_text.h"

#include "common/base/banned.h"

#define MS     INT64_C(1)
#define SECOND (1000 * MS)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

#define GLOBAL(member)                                                         \
	.scope = SETTINGS_GLOBAL, .offset = offsetof(struct settings, member)
#define QUEUE(member)                                                          \
	.scope = SETTINGS_QUEUE,                                               \
	.offset = offsetof(struct queue_settings, member)
#define WORDS(...)                                                             \
	.words = (const char *const[])                                         \
	{                                                                      \
		__VA_ARGS__, NULL                                              \
	}
#define ENV(...)                                                               \
	.env = (const char *const[])                                           \
	{                                                                      \
		__VA_ARGS__, NULL                                              \
	}

const struct settings_row settings_table[] = {
	/* ---- settings of a queue ---- */
	{ "queue_url", SETTINGS_STRING, QUEUE(queue_url),
	    .check = settings_text_check_queue_url, ENV("SQS_QUEUE_URL"),
	    .reloadable = true, .required = true,
	    .help = "the queue, as an https URL that ends in its name" },
	{ "region", SETTINGS_STRING, QUEUE(region),
	    .check = settings_text_check_region,
	    ENV("AWS_REGION", "AWS_DEFAULT_REGION"), .reloadable = true,
	    .help = "AWS region; by default that of the queue URL" },
	{ "endpoint_url", SETTINGS_STRING, QUEUE(endpoint_url),
	    .check = settings_text_check_endpoint_url,
	    ENV("AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL"), .reloadable = true,
	    .help = "where to send calls; by default to the queue URL's host" },
	{ "command", SETTINGS_COMMAND, QUEUE(command), .reloadable = true,
	    .required = true,
	    .help = "the handler's program and its arguments" },
	{ "handler", SETTINGS_ENUM, QUEUE(handler), .default_value = "exec",
	    WORDS("exec"), .reloadable = true,
	    .help = "how the handler is given a message" },
	{ "unwrap_sns", SETTINGS_BOOL, QUEUE(unwrap_sns), .default_value = "no",
	    .reloadable = true,
	    .help = "give the handler what SNS's envelope holds" },
	{ "s3_buckets", SETTINGS_STRING, QUEUE(s3_buckets),
	    .check = settings_text_check_buckets, .reloadable = true,
	    .help = "S3 buckets that bodies may be read from" },
	{ "s3_endpoint_url", SETTINGS_STRING, QUEUE(s3_endpoint_url),
	    .check = settings_text_check_endpoint_url,
	    ENV("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"), .reloadable = true,
	    .help = "where to read such bodies; by default AWS's S3" },
	{ "s3_max_bytes", SETTINGS_SIZE, QUEUE(s3_max_bytes),
	    .default_value = "256M", .min = 1, .max = INT64_C(1) << 40,
	    .reloadable = true, .help = "largest body to read from S3" },
	{ "children", SETTINGS_INT, QUEUE(children), .default_value = "0",
	    .max = SETTINGS_CHILDREN_MAX, .reloadable = true,
	    .help = "processes that poll the queue; 0: one for each CPU" },
	{ "receive_max", SETTINGS_INT, QUEUE(receive_max), .default_value = "1",
	    .min = 1, .max = 10, .zero_word = "auto", .reloadable = true,
	    .help = "most messages a child receives at once; auto: more if "
		    "handlers are quick" },
	{ "idle_pollers", SETTINGS_INT, QUEUE(idle_pollers),
	    .default_value = "0", .max = QUEUE_BOARD_TURNS, .reloadable = true,
	    .help = "children that poll while the queue is empty; 0: all" },
	{ "wait_time", SETTINGS_DURATION, QUEUE(wait_time_ms),
	    .default_value = "20s", .max = 20 * SECOND, .whole_seconds = true,
	    .reloadable = true,
	    .help = "how long a receive waits for messages" },
	{ "visibility_timeout", SETTINGS_DURATION, QUEUE(visibility_timeout_ms),
	    .default_value = "60s", .min = 3 * SECOND, .max = 12 * HOUR,
	    .whole_seconds = true, .reloadable = true,
	    .help = "how long a received message stays hidden from others" },
	{ "extend", SETTINGS_BOOL, QUEUE(extend), .default_value = "yes",
	    .reloadable = true,
	    .help = "renew the visibility timeout while a handler works" },
	{ "job_timeout", SETTINGS_DURATION, QUEUE(job_timeout_ms),
	    .default_value = "0", .max = 12 * HOUR, .reloadable = true,
	    .help = "stop a handler that takes longer; 0: never" },
	{ "job_kill_timeout", SETTINGS_DURATION, QUEUE(job_kill_timeout_ms),
	    .default_value = "5s", .min = 100 * MS, .max = 10 * MINUTE,
	    .reloadable = true,
	    .help = "from SIGTERM to SIGKILL when a handler is stopped" },
	{ "retry_base", SETTINGS_DURATION, QUEUE(retry_base_ms),
	    .default_value = "5s", .max = 12 * HOUR, .reloadable = true,
	    .help = "delay of a first retry, doubled by each further one" },
	{ "retry_cap", SETTINGS_DURATION, QUEUE(retry_cap_ms),
	    .default_value = "900s", .max = 12 * HOUR, .reloadable = true,
	    .help = "longest delay of a retry" },
	{ "on_ownership_lost", SETTINGS_ENUM, QUEUE(on_ownership_lost),
	    .default_value = "finish", WORDS("finish", "kill"),
	    .reloadable = true,
	    .help = "what to do with a handler whose message went to another "
		    "consumer" },
	{ "poison_kills", SETTINGS_INT, QUEUE(poison_kills),
	    .default_value = "3", .max = 1000, .reloadable = true,
	    .help = "reject a message that has killed this many children; 0: "
		    "never" },
	{ "brake_after", SETTINGS_INT, QUEUE(brake_after),
	    .default_value = "20", .max = QUEUE_BOARD_BRAKE_MAX,
	    .reloadable = true,
	    .help = "try one message at a time when this many failed in a row; "
		    "0: never" },
	{ "brake_unhealthy", SETTINGS_ENUM, QUEUE(brake_unhealthy),
	    .default_value = "start", WORDS("start", "always", "never"),
	    .reloadable = true,
	    .help = "unhealthy while the brake is on; start: if nothing was "
		    "done yet" },
	{ "reload_parallel", SETTINGS_INT, QUEUE(reload_parallel),
	    .default_value = "0", .max = SETTINGS_CHILDREN_MAX,
	    .reloadable = true,
	    .help = "children replaced at once; 0: one, or 10 % if more" },
	{ "max_messages", SETTINGS_INT, QUEUE(max_messages),
	    .default_value = "0", .max = 1000000000, .reloadable = true,
	    .help = "replace a child after this many messages; 0: never" },
	{ "max_age", SETTINGS_DURATION, QUEUE(max_age_ms), .default_value = "0",
	    .max = 365 * DAY, .reloadable = true,
	    .help = "replace a child of this age; 0: never" },
	{ "max_memory", SETTINGS_SIZE, QUEUE(max_memory), .default_value = "0",
	    .max = INT64_C(1) << 40, .reloadable = true,
	    .help = "replace a child that uses more, its handler included; 0: "
		    "never" },

	/* ---- settings of global scope ---- */
	{ "log_format", SETTINGS_ENUM, GLOBAL(log_format),
	    .default_value = "auto", WORDS("auto", "json", "text"),
	    .reloadable = true,
	    .help = "of the log; auto: text on a terminal, else JSON" },
	{ "log_level", SETTINGS_ENUM, GLOBAL(log_level),
	    .default_value = "info", WORDS("debug", "info", "warn", "error"),
	    .reloadable = true, .help = "least severe level to log" },
	{ "grace_timeout", SETTINGS_DURATION, GLOBAL(grace_timeout_ms),
	    .default_value = "25s", .min = 1 * SECOND, .max = 1 * DAY,
	    .reloadable = true,
	    .help = "from SIGTERM until everything has ended" },
	{ "control_socket", SETTINGS_STRING, GLOBAL(control_socket),
	    .check = control_path_check,
	    .help =
		"path of the socket for sqsherdctl, or off; see sqsherd(8)" },
	{ "metrics_listen", SETTINGS_STRING, GLOBAL(metrics_listen),
	    .check = listen_address_check, .reloadable = true,
	    .help = "address and port of metrics and health over HTTP, or "
		    "off" },
	{ "emf", SETTINGS_BOOL, GLOBAL(emf), .default_value = "no",
	    .reloadable = true, .help = "log metrics for CloudWatch" },
	{ "emf_interval", SETTINGS_DURATION, GLOBAL(emf_interval_ms),
	    .default_value = "60s", .min = 1 * SECOND, .max = 1 * HOUR,
	    .reloadable = true, .help = "how often to log those metrics" },
	{ "emf_namespace", SETTINGS_STRING, GLOBAL(emf_namespace),
	    .default_value = "Sqsherd", .check = settings_text_check_namespace,
	    .reloadable = true,
	    .help = "namespace of those metrics in CloudWatch" },
	{ "ecs_protection", SETTINGS_ENUM, GLOBAL(ecs_protection),
	    .default_value = "auto", WORDS("auto", "yes", "no"),
	    .reloadable = true,
	    .help = "protect the ECS task from scale-in while it works; auto: "
		    "if it is one" },
	{ "health_timeout", SETTINGS_DURATION, GLOBAL(health_timeout_ms),
	    .default_value = "5m", .max = 1 * DAY, .reloadable = true,
	    .help = "unhealthy if no child could work for this time; 0: "
		    "never" },
	{ "start_timeout", SETTINGS_DURATION, GLOBAL(start_timeout_ms),
	    .default_value = "30s", .min = 1 * SECOND, .max = 1 * HOUR,
	    .reloadable = true,
	    .help = "kill a child that is not ready after this time" },
	{ "heartbeat_timeout", SETTINGS_DURATION, GLOBAL(heartbeat_timeout_ms),
	    .default_value = "30s", .min = 1 * SECOND, .max = 1 * HOUR,
	    .reloadable = true,
	    .help = "kill a child whose loop stood still for this time" },
	{ "restart_base", SETTINGS_DURATION, GLOBAL(restart_base_ms),
	    .default_value = "1s", .max = 1 * HOUR, .reloadable = true,
	    .help =
		"delay after a child's crash, doubled by each further one" },
	{ "restart_cap", SETTINGS_DURATION, GLOBAL(restart_cap_ms),
	    .default_value = "30s", .max = 1 * HOUR, .reloadable = true,
	    .help = "longest delay after a child's crash" },
	{ "restart_reset", SETTINGS_DURATION, GLOBAL(restart_reset_ms),
	    .default_value = "60s", .max = 1 * DAY, .reloadable = true,
	    .help = "forget the crashes of a child that has lived this long" },
	{ "crash_limit", SETTINGS_INT, GLOBAL(crash_limit),
	    .default_value = "0", .max = 1000000, .reloadable = true,
	    .help = "exit after more crashes in crash_window; 0: max(5, "
		    "children)" },
	{ "crash_window", SETTINGS_DURATION, GLOBAL(crash_window_ms),
	    .default_value = "60s", .min = 1 * SECOND, .max = 1 * DAY,
	    .reloadable = true, .help = "time over which crashes are counted" },
	{ "connect_timeout", SETTINGS_DURATION, GLOBAL(connect_timeout_ms),
	    .default_value = "5s", .min = 100 * MS, .max = 1 * MINUTE,
	    .reloadable = true, .help = "for a connection to AWS" },
	{ "request_timeout", SETTINGS_DURATION, GLOBAL(request_timeout_ms),
	    .default_value = "15s", .min = 500 * MS, .max = 5 * MINUTE,
	    .reloadable = true,
	    .help = "for a call to AWS, on top of wait_time for a receive" },
	{ "max_attempts", SETTINGS_INT, GLOBAL(max_attempts),
	    .default_value = "3", .min = 1, .max = 1000,
	    ENV("AWS_MAX_ATTEMPTS"), .reloadable = true,
	    .help = "how often a call to AWS is tried" },
	{ "allow_http", SETTINGS_BOOL, GLOBAL(allow_http),
	    .default_value = "no", .reloadable = true,
	    .help = "allow plain http to hosts other than this one" },
	{ "use_fips_endpoint", SETTINGS_BOOL, GLOBAL(use_fips_endpoint),
	    .default_value = "no", ENV("AWS_USE_FIPS_ENDPOINT"),
	    .reloadable = true, .help = "call AWS at its FIPS 140 endpoints" },
	{ "use_dualstack_endpoint", SETTINGS_BOOL,
	    GLOBAL(use_dualstack_endpoint), .default_value = "no",
	    ENV("AWS_USE_DUALSTACK_ENDPOINT"), .reloadable = true,
	    .help = "call AWS at its endpoints that speak IPv6 too" },
	{ "ca_bundle", SETTINGS_STRING, GLOBAL(ca_bundle), ENV("AWS_CA_BUNDLE"),
	    .reloadable = true,
	    .help = "file of trusted certificates; by default the system's" },
	{ "user", SETTINGS_STRING, GLOBAL(user),
	    .help = "become this user, a name or a number" },
	{ "group", SETTINGS_STRING, GLOBAL(group),
	    .help = "become a member of this group; by default the user's" },
	{ "umask", SETTINGS_STRING, GLOBAL(umask),
	    .check = settings_text_check_umask,
	    .help = "of all processes, octal; by default as started" },
	{ "no_new_privs", SETTINGS_BOOL, GLOBAL(no_new_privs),
	    .default_value = "no",
	    .help = "no handler gains privileges by executing a file" },
	{ "limit_core", SETTINGS_STRING, GLOBAL(limit_core),
	    .default_value = "0", .check = settings_text_check_limit,
	    .help = "largest core dump of a process, or unlimited" },
	{ "limit_nofile", SETTINGS_STRING, GLOBAL(limit_nofile),
	    .check = settings_text_check_limit_nofile,
	    .help = "most descriptors of a process, or unlimited" },
	{ "limit_nproc", SETTINGS_STRING, GLOBAL(limit_nproc),
	    .check = settings_text_check_limit,
	    .help = "most processes of the user, or unlimited" }
};

const size_t settings_table_size = nitems(settings_table);

const struct settings_row *
settings_table_find(const char *name)
{
	size_t i;

	for (i = 0; i < nitems(settings_table); i++)
		if (strcmp(settings_table[i].name, name) == 0)
			return &settings_table[i];
	return NULL;
}

const struct settings_row *
settings_table_row_at(enum settings_scope scope, size_t offset)
{
	size_t i = 0;

	while (settings_table[i].scope != scope ||
	    settings_table[i].offset != offset)
		i++;
	return &settings_table[i];
}

enum {
	NAME_MAX_COMPARED = 32
};

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance; b is of at most NAME_MAX_COMPARED characters. */
static size_t
edit_distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_COMPARED + 1];
	size_t i, j, diagonal, above, n = strlen(b);

	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 0; a[i] != '\0'; i++) {
		diagonal = row[0];
		row[0] = i + 1;
		for (j = 0; j < n; j++) {
			above = row[j + 1];
			row[j + 1] = least(diagonal + (a[i] != b[j]),
			    least(above, row[j]) + 1);
			diagonal = above;
		}
	}
	return row[n];
}

const struct settings_row *
settings_table_find_nearest(const char *name)
{
	const struct settings_row *nearest = NULL;
	size_t i, distance, len = strlen(name);
	size_t best = 1 + len / 4; /* further away is no typing error */

	if (len > NAME_MAX_COMPARED)
		return NULL;
	for (i = 0; i < nitems(settings_table); i++) {
		distance = edit_distance(settings_table[i].name, name);
		if (distance <= best && (nearest == NULL || distance < best)) {
			nearest = &settings_table[i];
			best = distance;
		}
	}
	return nearest;
}

char *
settings_table_env_name(const struct settings_row *row)
{
	char *name = xasprintf(SETTINGS_ENV_PREFIX "%s", row->name), *p;

	for (p = name; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	return name;
}
