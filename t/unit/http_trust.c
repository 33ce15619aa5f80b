/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Which of a system's places of trusted certificates is used: systems as they
 * are, made of empty files.
 */
#include "common/http/http_trust.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

static void
touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd != -1)
		(void)close(fd);
}

static void
is_chosen(const struct http_trust *candidates, size_t n, const char *directory,
    const char *file, const char *name)
{
	struct http_trust chosen = http_trust_choose(candidates, n);

	is_str(chosen.directory, directory, name);
	is_str(chosen.file, file, name);
}

static void
test_choice(void)
{
	const struct http_trust debian = { "hashed", "bundle" };
	const struct http_trust amazon[] = { { NULL, "bundle" },
		{ "plain", "none" } };
	const struct http_trust both = { "plain", "bundle" };
	const struct http_trust bare[] = { { NULL, NULL },
		{ "hashed", "none" } };
	const struct http_trust nothing[] = { { "plain", "none" },
		{ "gone", "none" } };

	(void)mkdir("hashed", 0700);
	(void)mkdir("plain", 0700);
	touch("hashed/ACCVRAIZ1.pem");
	touch("hashed/a94d09e5.0");
	touch("bundle");
	/* A list of revocations, and names that only look like a hash. */
	touch("plain/a94d09e5.r0");
	touch("plain/a94d09e5x.0");
	touch("plain/A94D09E5.0");
	touch("plain/ca-bundle.crt");

	is_chosen(&debian, 1, "hashed", NULL,
	    "a directory with hashed links goes before the bundle");
	is_chosen(&both, 1, NULL, "bundle",
	    "a directory without them is of no use");
	is_chosen(amazon, nitems(amazon), NULL, "bundle",
	    "a libcurl that was built for a bundle uses it");
	is_chosen(bare, nitems(bare), "hashed", NULL,
	    "one that was built for nothing uses OpenSSL's");
	is_chosen(nothing, nitems(nothing), "gone", "none",
	    "where there is nothing the error has something to name");
}

static void
test_system(void)
{
	CURL *easy = curl_easy_init();
	struct http_trust chosen = http_trust_of_system(easy);

	ok(chosen.directory != NULL || chosen.file != NULL,
	    "this system has a place");
	printf("# directory %s, file %s\n",
	    chosen.directory != NULL ? chosen.directory : "-",
	    chosen.file != NULL ? chosen.file : "-");
	curl_easy_cleanup(easy);
}

int
main(void)
{
	char directory[] = "/tmp/sqsherd-trust-XXXXXX";
	static const char *const files[] = { "hashed/ACCVRAIZ1.pem",
		"hashed/a94d09e5.0", "bundle", "plain/a94d09e5.r0",
		"plain/a94d09e5x.0", "plain/A94D09E5.0",
		"plain/ca-bundle.crt" };
	size_t i;

	if (mkdtemp(directory) == NULL || chdir(directory) == -1)
		abort();
	test_choice();
	test_system();
	for (i = 0; i < nitems(files); i++)
		(void)unlink(files[i]);
	(void)rmdir("hashed");
	(void)rmdir("plain");
	if (chdir("/") == 0)
		(void)rmdir(directory);
	return tap_done();
}
