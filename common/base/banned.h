/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Functions that this project does not use, because each has a replacement
 * that cannot be misused in the same way: strlcpy and strlcat for the copies,
 * snprintf with its result checked, strtonum for numbers, gmtime_r for times,
 * posix_spawn for programs.  Using one fails to compile.
 */
#ifndef COMMON_BASE_BANNED_H
#define COMMON_BASE_BANNED_H

/* glibc fortifies these two by macros where the compiler is clang. */
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat sprintf vsprintf strncpy strncat strtok
#pragma GCC poison atoi atol atoll gmtime localtime system popen gets

#endif
