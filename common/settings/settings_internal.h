/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What the settings*.c files share with each other and with nobody else.
 *
 *	settings_table.c    the rows
 *	settings_value.c    one value: text to field and back
 *	settings_url.c      the little that settings must know of a URL
 *	settings_file.c     the lines of a file
 *	settings_check.c    what several values must fulfil together
 *	settings.c          the levels of precedence; printing
 */
#ifndef COMMON_SETTINGS_SETTINGS_INTERNAL_H
#define COMMON_SETTINGS_SETTINGS_INTERNAL_H

#include <limits.h>

#include "common/settings/settings.h"

enum {
	SETTINGS_QUEUE_NAME_MAX = 80, /* SQS's own limit */
	SETTINGS_FILE_MAX_BYTES = 256 * 1024
};

#define SETTINGS_ENV_PREFIX "SQSHERD_"

/*
 * Where a value came from.  An owner of values (struct settings or struct
 * queue_settings) has one for each row, and a last one for itself.
 */
struct settings_origin {
	char *text; /* NULL: the default */
};

struct settings_loader {
	struct settings *s;
	struct queue_settings base; /* what each queue starts from */
	settings_problem_fn *problem;
	void *arg;
	unsigned n_problems;
};

/* settings.c: reports a problem; control characters become "?". */
void settings_problem(struct settings_loader *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/*
 * settings.c: parses text and stores it in a row of q, or, if q is NULL, of
 * every queue there is; q is ignored for a row of global scope.  A wrong text
 * is reported and the value stays, but the row counts as set.
 */
void settings_assign(struct settings_loader *l, const struct settings_row *row,
    struct queue_settings *q, const char *text, const char *origin);
/* settings.c: a queue that starts from l->base; NULL if the name is taken. */
struct queue_settings *settings_add_queue(struct settings_loader *l,
    const char *name, const char *origin);
/* settings.c: the text, "default" if there is none. */
const char *settings_origin_text(const struct settings_origin *origins,
    const struct settings_row *row);
/* settings.c: replaces an origin; text NULL: the default. */
void settings_set_origin(struct settings_origin *origins, size_t i,
    const char *text);

/* settings_table.c: the row of that name, or NULL. */
const struct settings_row *settings_find(const char *name);
/* settings_table.c: the row that was probably meant, or NULL. */
const struct settings_row *settings_find_nearest(const char *name);
/* settings_table.c: of a member, so that code can ask for its origin. */
const struct settings_row *settings_row_at(enum settings_scope scope,
    size_t offset);
#define settings_queue_row(member)                                             \
	settings_row_at(SETTINGS_QUEUE, offsetof(struct queue_settings, member))
#define settings_global_row(member)                                            \
	settings_row_at(SETTINGS_GLOBAL, offsetof(struct settings, member))

/* settings_file.c: reads all of the file. */
void settings_read_file(struct settings_loader *l, const char *file);
void settings_read_bytes(struct settings_loader *l, const char *file,
    struct span bytes);

/* settings_check.c: derives what is not set; reports what does not fit. */
void settings_check_all(struct settings_loader *l);

/*
 * settings_value.c: the value of a row outside of its owner.  load and store
 * move it without copying; copy makes another, release frees one.
 */
union settings_value {
	char *text;
	bool flag;
	int64_t number;
	int word;
	char **argv;
};

union settings_value settings_value_load(const struct settings_row *row,
    const void *owner);
void settings_value_store(const struct settings_row *row, void *owner,
    union settings_value v);
union settings_value settings_value_copy(const struct settings_row *row,
    union settings_value v);
void settings_value_release(const struct settings_row *row,
    union settings_value v);
/* Returns 0, or -1 with the end of a sentence in why. */
int settings_value_parse(const struct settings_row *row, const char *text,
    union settings_value *ret, struct buf *why);
/* As a user would write it; nothing for a string that is not set. */
void settings_value_format(const struct settings_row *row,
    union settings_value v, struct buf *to);
/* "a whole number from 0 to 1000", "one of auto, json, text", ... */
void settings_value_describe(const struct settings_row *row, struct buf *to);
void settings_put_duration(struct buf *to, int64_t ms);
char **settings_copy_argv(char *const *argv);

/* settings_url.c */
struct settings_url {
	bool tls;
	char host[256];   /* lower case, without brackets */
	const char *path; /* in the text; may be empty */
};
int settings_url_split(const char *text, struct settings_url *ret);
bool settings_url_is_loopback(const char *text);
/* Is its host one of SQS's own, and not of a VPC? */
bool settings_url_is_regional(const char *text);
/* The region in the name of a host of AWS, or -1. */
int settings_url_region(const char *text, char *ret, size_t size);
/* The last part of the path; in the text. */
const char *settings_url_queue_name(const char *text);
settings_check_fn settings_check_queue_url;
settings_check_fn settings_check_endpoint_url;
settings_check_fn settings_check_region;
/* settings_check.c */
settings_check_fn settings_check_control_socket;

#endif
