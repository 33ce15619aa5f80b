/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Files that a person names: what is read, and what is refused at once.
 */
#include "common/base/file.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

#include "common/base/banned.h"

static char directory[] = "/tmp/sqsherd-file.XXXXXX";

static void
is_read(const char *path, int want_errno, const char *want, const char *name)
{
	struct buf got = BUF_INIT(8);
	int result = file_read(path, &got), error = result == -1 ? errno : 0;

	is_int(error, want_errno, name);
	if (error == 0)
		is_str(buf_str(&got), want, name);
	is_int(file_check(path, got.max) == -1 ? errno : 0, want_errno,
	    "and the check says the same");
	buf_release(&got);
}

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (f == NULL || fputs(text, f) == EOF || fclose(f) == EOF)
		abort();
}

static void
test_regular(void)
{
	char *path = xasprintf("%s/regular", directory);
	char text[4];

	write_file(path, "12345678");
	is_read(path, 0, "12345678", "a file of the maximum is read whole");
	is_int(file_read_text(path, text, sizeof(text)), 0, "its text, too");
	is_str(text, "123", "which is cut");
	write_file(path, "123456789");
	is_read(path, EFBIG, NULL, "a larger one is refused");
	write_file(path, "");
	is_read(path, 0, "", "an empty one is empty");
	(void)unlink(path);
	is_read(path, ENOENT, NULL, "one that is gone is told");
	ok(file_read_text(path, text, sizeof(text)) == -1 && errno == ENOENT,
	    "by the text as well");
	is_str(text, "", "which is none");
	free(path);
}

static void
test_others(void)
{
	char *path = xasprintf("%s/fifo", directory);
	char text[4];

	if (mkfifo(path, 0600) == -1)
		abort();
	is_read(path, ENOTSUP, NULL, "a FIFO is refused without waiting");
	(void)file_read_text(path, text, sizeof(text));
	is_str(text, "", "nor is its text waited for");
	(void)unlink(path);
	free(path);
	is_read(directory, EISDIR, NULL, "a directory is refused");
	is_read("/dev/zero", ENOTSUP, NULL, "so is a device");
	is_read("/dev/null", 0, "", "but /dev/null is an empty file");
	is_str(file_strerror(ENOTSUP), "not a regular file",
	    "the reason is about files");
	is_str(file_strerror(ENOENT), strerror(ENOENT),
	    "other reasons are the system's");
}

static void
test_words(void)
{
	struct error e;

	errno = ENOTSUP;
	ok(file_refuse(&e, "token file", "/x") == -1 && errno == ENOTSUP &&
		e.errnum == ENOTSUP && e.kind == ERROR_OPERATOR,
	    "an error keeps errno");
	is_str(e.text, "cannot read token file '/x': not a regular file",
	    "and says which file is what it should not be");
	ok(file_refuse(NULL, "file", "/x") == -1, "or nothing to nobody");
}

int
main(void)
{
	if (mkdtemp(directory) == NULL)
		abort();
	test_regular();
	test_others();
	test_words();
	(void)rmdir(directory);
	return tap_done();
}
