/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The settings of one run.  settings_load makes them, and then nothing changes
 * them but settings_command, which resolves the commands.
 */
#ifndef COMMON_SETTINGS_SETTINGS_H
#define COMMON_SETTINGS_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/settings/settings_problem.h"

struct settings_origins;

enum {
	SETTINGS_QUEUE_NAME_MAX = 80,    /* SQS's own limit */
	SETTINGS_CHILDREN_MAX = 1000,    /* of one queue */
	SETTINGS_ALL_CHILDREN_MAX = 4096 /* of all queues */
};

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
	char *region;                  /* never NULL: see settings_check.h */
	char *endpoint_url;            /* NULL: from the queue URL */
	char **command;                /* NULL-terminated; [0] resolved by
					  settings_command_check */
	int handler;                   /* enum handler_kind */
	int64_t children;              /* never 0: see settings_check.h */
	int64_t receive_max;           /* 0: auto */
	int64_t idle_pollers;          /* 0: all */
	int64_t wait_time_ms;          /* whole seconds */
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
	int64_t max_messages;    /* of a child; 0: no limit */
	int64_t max_age_ms;      /* of a child; 0: no limit */
	int64_t max_memory;      /* bytes, of a child; 0: no limit */
	bool extend;
	bool unwrap_sns;
	char *s3_buckets;      /* NULL: none; see s3_pointer.h */
	char *s3_endpoint_url; /* NULL: AWS's */
	int64_t s3_max_bytes;
	bool fifo; /* derived: the queue's name ends in ".fifo" */
	struct settings_origins *origins; /* see settings_origins.h */
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
	int64_t request_timeout_ms; /* of a call, on top of its long poll */
	int64_t max_attempts;
	bool allow_http;
	bool use_fips_endpoint;
	bool use_dualstack_endpoint;
	char *ca_bundle; /* NULL: the system's directory */
	char *user;      /* NULL: as started; see sandbox.h */
	char *group;     /* NULL: as started */
	char *umask;     /* NULL: as started */
	bool no_new_privs;
	char *limit_core;
	char *limit_nofile; /* NULL: as started */
	char *limit_nproc;  /* NULL: as started */
	struct queue_settings *queues;
	size_t n_queues;
	struct settings_origins *origins; /* see settings_origins.h */
};

/* NULL-safe. */
void settings_free(struct settings *s);
/* Frees what q points to.  Safe on a q that is all zero. */
void settings_release_queue(struct queue_settings *q);

/* The children of all queues. */
int64_t settings_all_children(const struct settings *s);

/* Was this setting of global scope given?  If not, it has its default. */
bool settings_is_given(const struct settings *s, const char *name);

/*
 * Reports each setting that differs between then and now and that a running
 * program cannot change.
 */
void settings_report_fixed(const struct settings *then,
    const struct settings *now, settings_problem_fn *report, void *arg);

#endif
