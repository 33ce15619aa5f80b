/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Shared credentials: what is handed on is what was put in, and processes that
 * are killed, stopped or late harm nobody.
 */
#include "common/credentials/credentials_share.h"

#include <sys/wait.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/xalloc.h"
#include "t/unit/tap.h"

enum {
	NOW = 1000000
};

static struct credentials_share *share;

static struct credentials_record
record(const char *id, const char *token)
{
	struct credentials_record r = { .state = { .have_keys = true,
					    .expiration_ms = 7 } };

	error_set(&r.error, ERROR_RETRY, "about %s", id);
	r.keys = credentials_keys_new(id, "secret", token, 7);
	r.keys->strict = true;
	return r;
}

/* Takes the lease and publishes; whether it worked. */
static bool
publish(const char *id)
{
	struct credentials_lease lease = { 0 };
	struct credentials_record r = record(id, "token");
	bool done = credentials_share_take(share, &lease, NOW) &&
	    credentials_share_publish(share, &lease, &r) != 0;

	credentials_keys_free(r.keys);
	return done;
}

static void
is_newest(const char *want, const char *name)
{
	struct credentials_record r = { .keys = NULL };
	uint64_t number;
	int result = credentials_share_read(share, &number, &r);

	is_str(result == 0 ? r.keys->access_key_id : NULL, want, name);
	if (result == 0)
		credentials_keys_free(r.keys);
}

static void
test_records(void)
{
	struct credentials_lease lease = { 0 };
	struct credentials_record r = record("id", NULL), got;
	uint64_t number, read;

	is_newest(NULL, "a new share holds nothing");
	ok(credentials_share_take(share, &lease, NOW), "a lease is to be had");
	number = credentials_share_publish(share, &lease, &r);
	ok(number != 0 && number == credentials_share_newest(share),
	    "a record becomes the newest");
	credentials_keys_free(r.keys);
	if (!ok(credentials_share_read(share, &read, &got) == 0 &&
		    read == number,
		"and is read"))
		return;
	is_str(got.keys->secret_access_key, "secret", "with its secret");
	is_str(got.keys->session_token, NULL, "without a token");
	is_int(got.keys->expiration_ms, 7, "with its end");
	ok(got.keys->strict, "which is strict");
	is_int(got.state.expiration_ms, 7, "with its state");
	is_str(got.error.text, "about id", "and its error");
	credentials_keys_free(got.keys);

	ok(credentials_share_take(share, &lease, NOW), "the lease is free");
	r = (struct credentials_record){ .keys = NULL };
	ok(credentials_share_publish(share, &lease, &r) != 0 &&
		credentials_share_read(share, &read, &got) == 0 &&
		got.keys == NULL,
	    "a record may be one of a failure, without keys");
	ok(publish("again"), "and be followed by another");
	credentials_share_forget(share);
	is_newest(NULL, "what is forgotten is not read");
	ok(publish("later"), "but others can follow");
	is_newest("later", "which are read");
}

static void
test_large(void)
{
	struct credentials_lease lease = { 0 };
	struct credentials_record r;
	char *token = xmalloc(20001);

	memset(token, 'x', 20000);
	token[20000] = '\0';
	r = record("large", token);
	(void)credentials_share_take(share, &lease, NOW);
	is_int(credentials_share_publish(share, &lease, &r), 0,
	    "what is too large is not handed on");
	is_newest("later", "and what was there stays");
	ok(publish("small"), "and the lease is free");
	credentials_keys_free(r.keys);
	free(token);
}

/* ---- other processes ---- */

/* Runs fn in a child that then waits to be killed. */
static pid_t
run_child(void (*fn)(void))
{
	int ready[2];
	char c;
	pid_t pid;

	if (pipe(ready) == -1 || (pid = fork()) == -1)
		abort();
	if (pid == 0) {
		fn();
		(void)!write(ready[1], "x", 1);
		for (;;)
			pause();
	}
	(void)!read(ready[0], &c, 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void
end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static struct credentials_lease childs;

static void
take_lease(void)
{
	if (!credentials_share_take(share, &childs, NOW))
		_exit(1);
}

static void
test_lease(void)
{
	struct credentials_lease lease = { 0 };
	pid_t pid = run_child(take_lease);

	ok(!credentials_share_take(share, &lease, NOW),
	    "another's lease is not to be had");
	ok(!credentials_share_take(share, &lease,
	       NOW + CREDENTIALS_LEASE_MS - 1),
	    "to its last moment");
	ok(credentials_share_take(share, &lease, NOW + CREDENTIALS_LEASE_MS),
	    "one that was not renewed has ended, though its holder lives");
	credentials_share_give_back(share, &lease);
	end_child(pid);

	pid = run_child(take_lease);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ok(credentials_share_take(share, &lease, NOW),
	    "that of a dead process ends with it");
	ok(credentials_share_take(share, &lease, NOW + 5000),
	    "ours is renewed");
	credentials_share_give_back(share, &lease);
	ok(lease.word == 0, "and given back");
}

/* A holder that was stopped and wakes up when others have gone on. */
static void
test_late(void)
{
	struct credentials_lease late = { 0 }, lease = { 0 };
	struct credentials_record r = record("late", NULL);

	(void)credentials_share_take(share, &late, NOW);
	ok(credentials_share_take(share, &lease, NOW + CREDENTIALS_LEASE_MS),
	    "a lease that ended is taken over");
	is_int(credentials_share_publish(share, &late, &r), 0,
	    "whoever lost it cannot publish");
	credentials_share_give_back(share, &late);
	ok(!credentials_share_take(share, &late, NOW + CREDENTIALS_LEASE_MS),
	    "nor give back the other's");
	ok(credentials_share_publish(share, &lease, &r) != 0,
	    "whoever has it can");
	credentials_keys_free(r.keys);
}

/*
 * Writers that are killed at any moment, and a reader: it only ever sees what
 * one of them put in as a whole.
 */
static void
write_forever(void)
{
	struct credentials_lease lease = { 0 };
	struct credentials_record r;
	char id[32], token[32];
	unsigned n;

	for (n = 0;; n++) {
		if (!credentials_share_take(share, &lease, clock_ms()))
			continue;
		(void)snprintf(id, sizeof(id), "id-%u", n);
		(void)snprintf(token, sizeof(token), "token-%u", n);
		r = record(id, token);
		(void)credentials_share_publish(share, &lease, &r);
		credentials_keys_free(r.keys);
	}
}

static bool
is_whole(const struct credentials_record *r)
{
	return strncmp(r->keys->access_key_id, "id-", 3) == 0 &&
	    r->keys->session_token != NULL &&
	    strcmp(r->keys->access_key_id + 3, r->keys->session_token + 6) == 0;
}

static void
test_kills(void)
{
	struct credentials_record r;
	uint64_t number, last = 0;
	unsigned round, news = 0, torn = 0;
	int64_t deadline;
	bool heard;
	pid_t pid;

	credentials_share_forget(share);
	for (round = 0; round < 50; round++) {
		if ((pid = fork()) == 0)
			write_forever();
		/* Some time after the first that it says, which may be late. */
		heard = false;
		deadline = clock_us() + 20000000;
		while (clock_us() < deadline) {
			if (credentials_share_read(share, &number, &r) == -1)
				continue;
			if (number != last && !heard) {
				heard = true;
				deadline = clock_us() + 1000 + round * 37;
			}
			last = number;
			torn += !is_whole(&r);
			credentials_keys_free(r.keys);
		}
		news += heard;
		end_child(pid);
	}
	is_int(news, 50, "a reader hears of each of 50 writers");
	is_int(torn, 0, "none of it torn");
	ok(publish("id-x"), "and the lease of the last is to be had");
}

/* Whoever wrote it: with the right check sum, but not by this program. */
static void
test_garbage(void)
{
	static struct credentials_content c;
	struct credentials_record r;

	ok(credentials_content_read(&c, &r) == 0 && r.keys == NULL,
	    "a record without keys");
	memset(&c, 0xff, sizeof(c));
	is_int(credentials_content_read(&c, &r), -1, "garbage is none");
	memset(&c, 0, sizeof(c));
	c.has_keys = c.have_keys = 2;
	memset(c.strings, 'a', sizeof(c.strings));
	is_int(credentials_content_read(&c, &r), -1,
	    "nor are strings without an end");
	memcpy(c.strings, "id\0secret\0", 11);
	if (ok(credentials_content_read(&c, &r) == 0, "good ones are keys")) {
		is_str(r.keys->access_key_id, "id", "an id");
		credentials_keys_free(r.keys);
	}
	memcpy(c.strings, "i\n\0secret\0", 11);
	is_int(credentials_content_read(&c, &r), -1,
	    "an id that would be a header of its own is none");
	memcpy(c.strings, "id\0secret\0", 11);
	c.not_before_ms = INT64_MIN;
	is_int(credentials_content_read(&c, &r), -1,
	    "nor is a time from which none can be taken");
	c.not_before_ms = 0;
	memset(c.error.text, 'x', sizeof(c.error.text));
	is_int(credentials_content_read(&c, &r), -1,
	    "nor an error whose text has no end");
}

int
main(void)
{
	test_garbage();
	share = credentials_share_new();
	if (!ok(share != NULL, "there is a share"))
		return tap_done();
	test_records();
	test_large();
	test_lease();
	test_late();
	test_kills();
	credentials_share_free(share);
	credentials_share_free(NULL);
	return tap_done();
}
