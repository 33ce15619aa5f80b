/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A Date of any bytes, or of any words of dates: what is believed is a time
 * that a signature can bear, and the same time as HTTP writes it is believed
 * alike, whatever ours is.  libcurl, which reads it, is not instrumented: so
 * the words.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/xalloc.h"
#include "common/http/http_skew.h"
#include "common/http/sigv4.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* "Sun, 06 Nov 1994 08:49:37 GMT": RFC 9110, section 5.6.7. */
static void
format_date(int64_t real_ms, char *to, size_t size)
{
	time_t s = (time_t)(real_ms / 1000);
	struct tm tm;

	assert(gmtime_r(&s, &tm) != NULL);
	assert(strftime(to, size, "%a, %d %b %Y %H:%M:%S GMT", &tm) > 0);
}

static void
check(const char *date, int64_t sent_ms, int64_t elapsed_ms)
{
	int64_t skew_ms, again_ms, theirs_ms;
	char written[64], iso[25], signed_as[SIGV4_DATE_SIZE];

	if (http_skew(date, sent_ms, elapsed_ms, &skew_ms) == -1)
		return;
	theirs_ms = sent_ms + elapsed_ms / 2 + skew_ms;
	assert(theirs_ms > 0 && theirs_ms % 1000 == 0);
	clock_format_iso(theirs_ms, iso, sizeof(iso));
	assert(iso[0] != '\0');
	sigv4_format_date(theirs_ms, signed_as);
	assert(strlen(signed_as) == sizeof(signed_as) - 1);
	format_date(theirs_ms, written, sizeof(written));
	assert(http_skew(written, sent_ms, elapsed_ms, &again_ms) == 0);
	assert(again_ms == skew_ms);
}

static void
check_all(const char *date)
{
	check(date, INT64_C(1790000000000), 7);
	check(date, 0, 0);
	check(date, INT64_C(253402300799999), 15 * 60 * 1000);
}

/* A byte a word, with a blank before it or not. */
static void
put_words(struct buf *to, const uint8_t *data, size_t size)
{
	static const char *const words[] = { "Sun", "Sunday", ",", "-", "/",
		":", "+", "06", "31", "29", "Nov", "November", "Feb", "1994",
		"94", "9999", "10000", "1582", "1970", "2147483647", "08:49:37",
		"23:59:60", "24:00", "8:49", "GMT", "EST", "Z", "UTC", "+1400",
		"-1459", "20261129", "19700101", "99999999", "0", "-1" };
	size_t i;

	for (i = 0; i < size; i++) {
		if (data[i] & 0x80)
			buf_putc(to, ' ');
		buf_puts(to, words[(data[i] & 0x7F) % nitems(words)]);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf words = BUF_INIT(16 * 1024 * 1024);
	char *date = xmemdup0(data, size);

	check_all(date);
	free(date);
	put_words(&words, data, size);
	check_all(buf_str(&words));
	buf_release(&words);
	return 0;
}
