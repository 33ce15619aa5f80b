/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Settings.  One table of rows (settings_table) says of each its name, type,
 * default, bounds, scope and help; the file, the environment, -o, --print,
 * --help and the tests of the manual read that table and nothing else.
 *
 * Precedence: the flags -q and -j, then -o key=value, then the environment,
 * then the file, then the default.  In the environment a row is SQSHERD_ and
 * its name in upper case, or else one of the names in its row; a blank one
 * counts as unset.  The file is INI: keys before the first section hold for
 * all queues, a [queue NAME] section makes a queue and may set the rows of
 * queue scope for it.  # or ; at the start of a line or behind a blank begins
 * a comment.  Without sections there is one implicit queue, named by the last
 * part of its URL.  With sections, which queue SQS_QUEUE_URL or
 * SQSHERD_COMMAND would be for cannot be said: they are ignored.
 *
 * Loading has no side effects but reading the file; it never exits.  Every
 * error names the setting, the wrong value, what is allowed, and the origin
 * ("etc/sqsherd.conf:12", "environment SQSHERD_CHILDREN", "-o children").
 */
#ifndef COMMON_SETTINGS_SETTINGS_H
#define COMMON_SETTINGS_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/buf.h"
#include "common/base/log.h"

enum {
	SETTINGS_CHILDREN_MAX = 1000,    /* of one queue */
	SETTINGS_ALL_CHILDREN_MAX = 4096 /* of all queues */
};

enum settings_type {
	SETTINGS_STRING,
	SETTINGS_BOOL,     /* yes/no, true/false, on/off, 1/0 */
	SETTINGS_INT,      /* decimal */
	SETTINGS_DURATION, /* int64_t ms; "25", "25s", "1.5s", "500ms", "2m",
			      "12h", "1d"; a bare number is seconds */
	SETTINGS_SIZE,     /* int64_t bytes; "4096", "512K", "256M", "2G" */
	SETTINGS_ENUM,     /* one of the row's words, stored as int */
	SETTINGS_COMMAND   /* argv: words split as a shell would, without any
			      expansion; quotes and backslash are known */
};

enum settings_scope {
	SETTINGS_GLOBAL,
	SETTINGS_QUEUE
};

/* What is wrong with a string, as the end of a sentence; NULL: nothing. */
typedef const char *settings_check_fn(const char *text);

struct settings_row {
	const char *name;
	enum settings_type type;
	enum settings_scope scope;
	const char *default_value; /* as a user would write it; NULL: unset */
	int64_t min, max;          /* of INT, and of DURATION in ms */
	settings_check_fn *check;  /* of STRING; NULL: any */
	const char *const *words;  /* of ENUM, ends with NULL */
	const char *zero_word;     /* of INT: stands for 0; NULL: nothing */
	const char *const *env;    /* further environment names, in order */
	bool whole_seconds;        /* of DURATION */
	bool reloadable;           /* SIGHUP may change it */
	bool required;             /* of each queue */
	size_t offset;             /* in struct settings or queue_settings */
	const char *help;          /* one line, no full stop */
};

extern const struct settings_row settings_table[];
extern const size_t settings_table_size;

enum ownership_lost {
	OWNERSHIP_LOST_FINISH,
	OWNERSHIP_LOST_KILL
};

enum ecs_protection_setting {
	ECS_PROTECTION_AUTO, /* if there is an agent */
	ECS_PROTECTION_YES,
	ECS_PROTECTION_NO
};

enum brake_unhealthy {
	BRAKE_UNHEALTHY_START, /* if no message was done since sqsherd began */
	BRAKE_UNHEALTHY_ALWAYS,
	BRAKE_UNHEALTHY_NEVER
};

enum handler_kind {
	HANDLER_KIND_EXEC
};

struct queue_settings {
	char *name;
	char *queue_url;
	char *region;         /* after loading never NULL: see below */
	char *endpoint_url;   /* NULL: from the queue URL */
	char **command;       /* NULL-terminated; [0] resolved by
				 settings_check_commands */
	int handler;          /* enum handler_kind */
	int64_t children;     /* after loading never 0: 0 = one per CPU */
	int64_t receive_max;  /* 0: auto */
	int64_t idle_pollers; /* 0: all */
	int64_t wait_time_ms; /* whole seconds */
	int64_t visibility_timeout_ms; /* whole seconds */
	int64_t job_timeout_ms;        /* 0: none */
	int64_t job_kill_timeout_ms;   /* from SIGTERM to SIGKILL */
	int64_t retry_base_ms;
	int64_t retry_cap_ms;
	int on_ownership_lost;   /* enum ownership_lost */
	int64_t poison_kills;    /* 0: never */
	int64_t brake_after;     /* messages that failed; 0: never */
	int brake_unhealthy;     /* enum brake_unhealthy */
	int64_t reload_parallel; /* 0: max(1, 10 %) */
	int64_t max_messages;    /* of a child; 0: no limit, as below */
	int64_t max_age_ms;
	int64_t max_memory; /* bytes */
	bool extend;
	bool unwrap_sns;
	char *s3_buckets;      /* NULL: none; see s3_pointer.h */
	char *s3_endpoint_url; /* NULL: AWS's */
	int64_t s3_max_bytes;
	bool fifo; /* derived: the queue's name ends in ".fifo" */
	struct settings_origin *origins; /* private to settings*.c */
};

struct settings {
	int log_format; /* enum log_format */
	int log_level;  /* enum log_level */
	int64_t grace_timeout_ms;
	char *control_socket; /* NULL: a default place; "off": none */
	char *metrics_listen; /* NULL or "off": nowhere */
	bool emf;
	int64_t emf_interval_ms;
	char *emf_namespace;
	int ecs_protection;        /* enum ecs_protection_setting */
	int64_t health_timeout_ms; /* 0: none */
	int64_t start_timeout_ms;
	int64_t heartbeat_timeout_ms;
	int64_t restart_base_ms;
	int64_t restart_cap_ms;
	int64_t restart_reset_ms;
	int64_t crash_limit; /* 0: max(5, children) */
	int64_t crash_window_ms;
	int64_t connect_timeout_ms;
	int64_t request_timeout_ms; /* a call beyond its long poll */
	int64_t max_attempts;
	bool allow_http;
	bool use_fips_endpoint;
	bool use_dualstack_endpoint;
	char *ca_bundle; /* NULL: the system's directory */
	char *user;      /* NULL: as started, as the rest; see sandbox.h */
	char *group;
	char *umask;
	bool no_new_privs;
	char *limit_core;
	char *limit_nofile;
	char *limit_nproc;
	struct queue_settings *queues;
	size_t n_queues;
	struct settings_origin *origins; /* private to settings*.c */
};

/* What the command line brings; all pointers are borrowed for the call. */
struct settings_input {
	const char *file;       /* -c; NULL: none */
	struct span file_bytes; /* p not NULL: what is in file, which then is
				   not read but only named in messages */
	const char *const *assignments; /* -o key=value, in order */
	size_t n_assignments;
	const char *queue_url; /* -q; NULL: not given */
	const char *children;  /* -j; NULL: not given */
	char *const *command;  /* after --; NULL: not given */
	char *const *environ_; /* NULL-terminated NAME=value */
};

/*
 * Called once for each problem found; message is a whole sentence for a
 * person, without newline.  All problems are reported, not just the first.
 */
typedef void settings_problem_fn(void *arg, const char *message);

/*
 * Loads and validates.  A queue's region is its setting; but its URL's region
 * if there is none or it comes from AWS_REGION or AWS_DEFAULT_REGION, which
 * speak of the whole environment; but us-east-1 if there is neither and the
 * server is on a loopback address.  Returns a new object, to be released with
 * settings_free, or NULL when there was at least one problem.
 */
struct settings *settings_load(const struct settings_input *in,
    settings_problem_fn *problem, void *arg);
void settings_free(struct settings *s);

/* The children of all queues. */
int64_t settings_all_children(const struct settings *s);

/*
 * Resolves command[0] of every queue through PATH to an executable file, as
 * execvp(3) would, replaces it by what was found, and looks into it: see
 * program.h.  Returns 0, or -1 after reporting each that cannot be started.
 * What may or may not start goes to warning.
 */
int settings_check_commands(struct settings *s, settings_problem_fn *problem,
    settings_problem_fn *warning, void *arg);

/*
 * Reports each setting that a running program cannot change and that has
 * another value in now than in then.
 */
void settings_report_fixed(const struct settings *then,
    const struct settings *now, settings_problem_fn *report, void *arg);

/* Did anybody give this setting, one of the whole?  Else it is the default. */
bool settings_is_given(const struct settings *s, const char *name);

/*
 * Every setting of every queue with its value and, as a comment, its origin, a
 * line each.  This is a settings file with the same effect, unless a command
 * is too long for a line of one.
 */
void settings_print(const struct settings *s, FILE *to);

/* The table as a help text: name, default, bounds, help. */
void settings_print_help(FILE *to);

/* Pure parts, exported for their tests and fuzz harness. */
int settings_parse_duration(const char *text, int64_t *ret_ms);
int settings_parse_size(const char *text, int64_t *ret_bytes);
/*
 * Splits into a NULL-terminated argv; NULL: an unclosed quote, or nothing
 * behind the last backslash.  Knows '', "", \ and, as settings_print needs it
 * for line breaks, $'' with \n, \t, \r, \xHH.  A \x00 ends its word.
 * Release with settings_free_argv.
 */
char **settings_split_command(const char *text);
void settings_free_argv(char **argv);

#endif
