/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The two clocks.  See clock.h.
 */
#include "common/base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "common/base/banned.h"

static int64_t
read_ms(clockid_t id)
{
	struct timespec ts;

	/* Cannot fail for these two clocks: clock_gettime(2), ERRORS. */
	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

int64_t
clock_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
clock_real_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

int64_t
clock_earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int
clock_timeout_ms(int64_t now_ms, int64_t deadline, int max_ms)
{
	if (deadline <= now_ms)
		return 0;
	return deadline - now_ms > max_ms ? max_ms : (int)(deadline - now_ms);
}

void
clock_format_iso(int64_t real_ms, char *to, size_t size)
{
	int ms = (int)(real_ms % 1000 + 1000) % 1000;
	time_t seconds = (time_t)(real_ms / 1000 - (real_ms % 1000 < 0));
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL || tm.tm_year < -1900 ||
	    tm.tm_year > 9999 - 1900) {
		if (size > 0)
			to[0] = '\0';
		return;
	}
	/*
	 * strftime(3) will not do: its %Y does not pad the years before 1000.
	 */
	(void)snprintf(to, size, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
	    tm.tm_sec, ms);
}

/* Reads exactly n digits; NULL if there are fewer. */
static const char *
digits(const char *s, int n, int *ret)
{
	int value = 0;

	while (n-- > 0) {
		if (*s < '0' || *s > '9')
			return NULL;
		value = value * 10 + (*s++ - '0');
	}
	*ret = value;
	return s;
}

static const char *
fraction_ms(const char *s, int *ret_ms)
{
	int scale = 100, ms = 0;

	if (*s != '.')
		return s;
	if (*++s < '0' || *s > '9')
		return NULL;
	for (; *s >= '0' && *s <= '9'; s++) {
		ms += (*s - '0') * scale;
		scale /= 10;
	}
	*ret_ms = ms;
	return s;
}

static int
zone_offset_s(const char *s, int *ret_s)
{
	int hours, minutes = 0, sign = *s == '-' ? -1 : 1;

	if (s[0] == 'Z' && s[1] == '\0') {
		*ret_s = 0;
		return 0;
	}
	if ((*s != '+' && *s != '-') || (s = digits(s + 1, 2, &hours)) == NULL)
		return -1;
	if (*s == ':')
		s++;
	if ((s = digits(s, 2, &minutes)) == NULL || *s != '\0' || hours > 23 ||
	    minutes > 59)
		return -1;
	*ret_s = sign * (hours * 3600 + minutes * 60);
	return 0;
}

static int
days_in_month(int year, int month)
{
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	if (month == 2)
		return leap ? 29 : 28;
	return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/*
 * tm has the year and the month as they were written.  timegm(3) would not
 * refuse a month 13 but carry it into the year.
 */
static bool
tm_in_range(const struct tm *tm)
{
	return tm->tm_mon >= 1 && tm->tm_mon <= 12 && tm->tm_mday >= 1 &&
	    tm->tm_mday <= days_in_month(tm->tm_year, tm->tm_mon) &&
	    tm->tm_hour <= 23 && tm->tm_min <= 59 && tm->tm_sec <= 60;
}

int
clock_parse_iso(const char *s, int64_t *ret_real_ms)
{
	struct tm tm = { 0 };
	int ms = 0, offset_s;
	time_t seconds;

	if ((s = digits(s, 4, &tm.tm_year)) == NULL || *s++ != '-' ||
	    (s = digits(s, 2, &tm.tm_mon)) == NULL || *s++ != '-' ||
	    (s = digits(s, 2, &tm.tm_mday)) == NULL || *s++ != 'T' ||
	    (s = digits(s, 2, &tm.tm_hour)) == NULL || *s++ != ':' ||
	    (s = digits(s, 2, &tm.tm_min)) == NULL || *s++ != ':' ||
	    (s = digits(s, 2, &tm.tm_sec)) == NULL ||
	    (s = fraction_ms(s, &ms)) == NULL ||
	    zone_offset_s(s, &offset_s) == -1 || !tm_in_range(&tm))
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	seconds = timegm(&tm);
	*ret_real_ms = ((int64_t)seconds - offset_s) * 1000 + ms;
	return 0;
}
