/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The thin edge of program_head.c: opens the files, without waiting and only
 * regular ones, and puts their faults into words.  See program.h.
 */
#include "common/base/program.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/file.h"
#include "common/base/program_head.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	DEPTH_MAX = 5, /* files that the kernel goes through in one execve */
	HOPS_MAX = 16  /* scripts in a row that ask env for the next */
};

struct place {
	int depth;   /* in this execve */
	int hops;    /* in all */
	bool by_env; /* env runs it in a shell if execve refuses */
};

static enum program_verdict check_file(const char *path, struct place at,
    struct error *e);

static enum program_verdict __attribute__((format(printf, 3, 4)))
refuse(struct error *e, int errnum, const char *fmt, ...)
{
	char text[sizeof(e->text)];
	va_list ap;

	va_start(ap, fmt);
	/* A text that is too long is cut: it is for people only. */
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)error_set(e, ERROR_OPERATOR, "%s", text);
	e->errnum = errnum;
	return PROGRAM_BROKEN;
}

/* ---- rights ---- */

/* Container runtimes that have not heard of faccessat2(2) say EPERM. */
static bool
is_executable(const char *path)
{
	if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0)
		return true;
	return errno == EPERM && access(path, X_OK) == 0;
}

/* 0, or errno's value: why the file cannot be executed. */
static int
why_not_executable(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	return is_executable(path) ? 0 : errno;
}

static enum program_verdict
refuse_access(const char *path, const struct stat *st, struct error *e)
{
	struct statvfs fs;

	if (statvfs(path, &fs) == 0 && (fs.f_flag & ST_NOEXEC) != 0)
		return refuse(e, EACCES,
		    "it is on a file system that is mounted noexec");
	if ((st->st_mode & 0111) == 0)
		return refuse(e, EACCES, "it is not executable; chmod +x it");
	return refuse(e, EACCES,
	    "it may not be executed by user %u: its mode is 0%o, its owner %u",
	    (unsigned)geteuid(), (unsigned)st->st_mode & 07777,
	    (unsigned)st->st_uid);
}

static enum program_verdict
check_rights(const char *path, struct error *e)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return errno == ENOENT
		    ? refuse(e, ENOENT, "it does not exist")
		    : refuse(e, errno, "it cannot be found: %s",
			  strerror(errno));
	if (S_ISDIR(st.st_mode))
		return refuse(e, EACCES, "it is a directory");
	if (!S_ISREG(st.st_mode))
		return refuse(e, EACCES, "it is not a regular file");
	return is_executable(path) ? PROGRAM_GOOD : refuse_access(path, &st, e);
}

/* ---- scripts ---- */

static bool
ends_in_return(const char *s)
{
	size_t len = strlen(s);

	return len > 0 && s[len - 1] == '\r';
}

static enum program_verdict
refuse_return(struct error *e)
{
	return refuse(e, ENOENT,
	    "its first line ends in a carriage return; save it with the line "
	    "ends of Unix");
}

/*
 * Puts the name of the inner file before the text that says what is wrong with
 * it.
 */
static enum program_verdict
blame(enum program_verdict inner, struct error *e, const char *what,
    const char *name)
{
	if (inner != PROGRAM_GOOD && e->errnum != ELOOP)
		(void)refuse(e, e->errnum, "%s \"%s\" cannot be started: %s",
		    what, name, e->text);
	return inner;
}

static enum program_verdict
refuse_asked(const char *name, int why, struct error *e)
{
	if (ends_in_return(name))
		return refuse_return(e);
	if (strpbrk(name, " \t") != NULL)
		return refuse(e, why,
		    "its first line asks env for a program named \"%s\"; "
		    "write env -S to pass it arguments",
		    name);
	return refuse(e, why,
	    "its first line asks env for \"%s\", which is not in PATH", name);
}

static enum program_verdict
check_asked(const char *name, struct place at, struct error *e)
{
	enum program_verdict verdict;
	char *path;
	int why;

	if (at.hops >= HOPS_MAX)
		return PROGRAM_GOOD;
	path = program_find(name, &why);
	if (path == NULL)
		return refuse_asked(name, why, e);
	verdict = check_file(path, (struct place){ 0, at.hops + 1, true }, e);
	free(path);
	if (verdict == PROGRAM_BROKEN && e->errnum == ENOEXEC)
		verdict = PROGRAM_DOUBTFUL; /* a shell may make sense of it */
	return blame(verdict, e, "its interpreter", name);
}

static enum program_verdict
check_script(const struct program_head *head, struct place at, struct error *e)
{
	const char *name = head->interpreter;
	char asked[PROGRAM_LINE_BYTES];
	enum program_verdict verdict;

	if (at.depth >= DEPTH_MAX)
		return refuse(e, ELOOP,
		    "its interpreters are scripts, too many deep");
	verdict = check_file(name,
	    (struct place){ at.depth + 1, at.hops + 1, false }, e);
	if (verdict == PROGRAM_BROKEN && e->errnum == ENOENT &&
	    ends_in_return(name))
		return refuse_return(e);
	if (verdict != PROGRAM_GOOD)
		return blame(verdict, e, "its interpreter", name);
	if (program_head_env_name(head, asked, sizeof(asked)))
		return check_asked(asked, at, e);
	if (!ends_in_return(head->argument))
		return PROGRAM_GOOD;
	(void)refuse_return(e);
	return PROGRAM_DOUBTFUL; /* Perl takes it for a blank, others do not */
}

/* ---- ELF ---- */

/* Reads all of it, or returns -1. */
static int
read_at(int fd, void *to, size_t len, uint64_t offset)
{
	return pread(fd, to, len, (off_t)offset) == (ssize_t)len ? 0 : -1;
}

/* The name of the program interpreter, "" if there is none; or -1. */
static int
read_interpreter(int fd, const struct program_head *head, char name[PATH_MAX])
{
	char *table = xmalloc(head->table_bytes);
	uint64_t offset;
	size_t len;
	int result = -1;

	if (read_at(fd, table, head->table_bytes, head->table_offset) == 0)
		result = program_head_interpreter(head,
		    (struct span){ table, head->table_bytes }, &offset, &len);
	free(table);
	name[0] = '\0';
	if (result != 1)
		return result;
	return read_at(fd, name, len, offset) == 0 && name[len - 1] == '\0'
	    ? 0
	    : -1;
}

static enum program_verdict
check_elf(int fd, const struct program_head *head, struct error *e)
{
	char name[PATH_MAX];

	if (read_interpreter(fd, head, name) == -1)
		return refuse(e, ENOEXEC, "it is a damaged ELF file");
	if (name[0] == '\0' || check_rights(name, e) == PROGRAM_GOOD)
		return PROGRAM_GOOD;
	if (e->errnum == ENOENT)
		return refuse(e, ENOENT,
		    "its program interpreter %s is missing: it was built for "
		    "another C library or system; build it for this one",
		    name);
	return blame(PROGRAM_BROKEN, e, "its program interpreter", name);
}

/* ---- what execve does not know ---- */

/*
 * Formats can be added to the kernel through binfmt_misc, whose directory
 * exists if the kernel has it.  The formats are listed there only where it is
 * mounted, as in few containers, but they hold in every container.
 */
static bool
may_have_other_formats(void)
{
	static const char disabled[] = "disabled";
	char text[sizeof(disabled)];

	if (file_read_text("/proc/sys/fs/binfmt_misc/status", text,
		sizeof(text)) == -1)
		return access("/proc/sys/fs/binfmt_misc", F_OK) == 0 ||
		    access("/proc/sys/fs", F_OK) == -1;
	return strcmp(text, disabled) != 0;
}

static enum program_verdict
refuse_format(struct error *e, const char *what)
{
	(void)refuse(e, ENOEXEC, "%s", what);
	return may_have_other_formats() ? PROGRAM_DOUBTFUL : PROGRAM_BROKEN;
}

static enum program_verdict
check_head(int fd, const struct program_head *head, struct place at,
    struct error *e)
{
	static const char *const refusals[] = {
		[PROGRAM_EMPTY] = "it is empty",
		[PROGRAM_MARKED] =
		    "it has a byte order mark before its #!; save "
		    "it without",
		[PROGRAM_NAMELESS] = "it has a #! that names no interpreter; "
				     "write, for instance, #!/bin/sh",
		[PROGRAM_CUT] =
		    "its first line is longer than the kernel reads",
		[PROGRAM_TEXT] = "it is a script without #! and an interpreter "
				 "in its first line; write, for instance, "
				 "#!/bin/sh",
		[PROGRAM_OBJECT] = "it is an ELF file but no program; link it",
		[PROGRAM_DAMAGED] = "it is a damaged ELF file",
	};

	switch (head->kind) {
	case PROGRAM_SCRIPT:
		return check_script(head, at, e);
	case PROGRAM_ELF:
		return check_elf(fd, head, e);
	case PROGRAM_FOREIGN:
		return refuse_format(e,
		    "it is an ELF file of another architecture; build it for "
		    "this one");
	case PROGRAM_UNKNOWN:
		return refuse_format(e,
		    "it is neither a script nor a program of this system");
	case PROGRAM_EMPTY:
	case PROGRAM_MARKED:
	case PROGRAM_NAMELESS:
	case PROGRAM_CUT:
	case PROGRAM_TEXT:
	case PROGRAM_OBJECT:
	case PROGRAM_DAMAGED:
		break;
	}
	return refuse(e, ENOEXEC, "%s", refusals[head->kind]);
}

/*
 * env gives a file to a shell if execve does not know the format of the file.
 */
static bool
is_for_shell(struct place at, enum program_kind kind)
{
	return at.by_env && (kind == PROGRAM_EMPTY || kind == PROGRAM_TEXT);
}

static enum program_verdict
check_file(const char *path, struct place at, struct error *e)
{
	enum program_verdict verdict = check_rights(path, e);
	char bytes[PROGRAM_HEAD_BYTES];
	struct program_head head;
	ssize_t n;
	int fd;

	if (verdict != PROGRAM_GOOD || (fd = file_open(path)) == -1)
		return verdict;
	n = pread(fd, bytes, sizeof(bytes), 0);
	if (n >= 0) {
		program_head_parse((struct span){ bytes, (size_t)n }, &head);
		if (!is_for_shell(at, head.kind))
			verdict = check_head(fd, &head, at, e);
	}
	(void)close(fd);
	return verdict;
}

enum program_verdict
program_check(const char *path, struct error *e)
{
	error_clear(e);
	return check_file(path, (struct place){ 0, 0, false }, e);
}

/* ---- PATH ---- */

char *
program_find(const char *name, int *ret_why)
{
	const char *path = getenv("PATH"), *end;
	char *candidate;
	int why;

	*ret_why = ENOENT;
	if (strchr(name, '/') != NULL) {
		*ret_why = why_not_executable(name);
		return *ret_why == 0 ? xstrdup(name) : NULL;
	}
	for (path = path != NULL ? path : "/bin:/usr/bin";; path = end + 1) {
		end = path + strcspn(path, ":");
		candidate = xasprintf("%.*s%s%s", (int)(end - path), path,
		    end > path ? "/" : "./", name);
		why = why_not_executable(candidate);
		if (why == 0)
			return candidate;
		free(candidate);
		if (why == EACCES)
			*ret_why = why;
		if (*end == '\0')
			return NULL;
	}
}
