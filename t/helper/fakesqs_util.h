/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

#ifndef FAKESQS_UTIL_H
#define FAKESQS_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef nitems
#define nitems(a) (sizeof(a) / sizeof((a)[0]))
#endif

#define MD5_HEX_SIZE    33
#define SHA256_HEX_SIZE 65

struct span {
	const char *p;
	size_t len;
};

struct buf {
	char *data; /* NUL-terminated once anything was added */
	size_t len;
	size_t cap;
};

/* Allocation that ends the program when there is none left. */
void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);
void *xreallocarray(void *p, size_t n, size_t size);
char *xmemdup(const void *p, size_t n); /* adds a NUL */
char *xstrdup(const char *s);

void buf_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_addstr(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void buf_addbyte(struct buf *b, int c);
/* Appends a quoted, escaped JSON string. */
void buf_json(struct buf *b, const char *p, size_t n);
void buf_jsonstr(struct buf *b, const char *s);
void buf_base64(struct buf *b, const void *p, size_t n);
/* Removes n bytes at the front. */
void buf_drop(struct buf *b, size_t n);
/* Empties the buffer; frees its memory if that is large. */
void buf_reset(struct buf *b);
void buf_release(struct buf *b);

bool span_is(struct span s, const char *literal);
bool span_is_nocase(struct span s, const char *literal);
bool span_starts(struct span s, const char *literal);

/* Appends the decoded bytes; -1 when it is not strict base64. */
int base64_decode(const char *p, size_t n, struct buf *out);
void url_decode(struct span s, struct buf *out);

int64_t clock_ms(void);       /* monotonic */
extern int64_t clock_ahead_s; /* a knob: of clock_wall_ms */
int64_t clock_wall_ms(void);  /* since 1970 */
int64_t clock_start_ms(void); /* monotonic, of the first call */
uint64_t mix64(uint64_t x);
uint64_t hash64(const void *p, size_t n);
uint64_t random64(void);
void random_seed(uint64_t seed);

void md5_hex(const void *p, size_t n, char ret_hex[MD5_HEX_SIZE]);
void sha256_hex(const void *p, size_t n, char ret_hex[SHA256_HEX_SIZE]);
void util_release(void);

#endif
