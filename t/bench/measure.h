/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* The measurements of the benchmark's programs, and how they print them. */
#ifndef T_BENCH_MEASURE_H
#define T_BENCH_MEASURE_H

#include <sys/resource.h>

#include <stdio.h>
#include <time.h>

/* Microseconds, of a clock that only counts. */
static inline long long
measure_wall_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static inline long long
measure_cpu_us(int who)
{
	struct rusage u;

	(void)getrusage(who, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000LL +
	    u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

/* The CPU time is that of this process and of what it has started. */
static inline void
measure_print(unsigned long long messages, long long began_us)
{
	printf("messages %llu wall_us %lld cpu_us %lld\n", messages,
	    measure_wall_us() - began_us,
	    measure_cpu_us(RUSAGE_SELF) + measure_cpu_us(RUSAGE_CHILDREN));
}

#endif
