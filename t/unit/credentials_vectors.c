/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The cases of credential chains that AWS's SDKs share: an environment, files,
 * recorded traffic, and what must come of it.  This program takes the place of
 * common/http/http.c, at the link: each request gets the answer that was
 * recorded for it, and time is when the recording was good.
 *
 * A retry begins the fetch anew, so answers are matched by request, not by
 * their order in the recording.
 */
#include "common/credentials/credentials.h"

#include <sys/pidfd.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/xalloc.h"
#include "common/credentials/credentials_container.h"
#include "common/credentials/credentials_imds.h"
#include "common/credentials/credentials_profile.h"
#include "common/credentials/profile_files.h"
#include "t/unit/shared.h"
#include "t/unit/tap.h"

#include "common/base/banned.h"

enum {
	EXCHANGES_MAX = 16,
	ROUNDS_MAX = 6,
	WATCHES_MAX = 8
};

/* ---- in place of common/http/http.c ---- */

struct exchange {
	const char *method, *uri, *body, *authorization, *metadata_token;
	int status;
	const char *answer;
	bool used;
};

struct http_transfer {
	http_done_fn *done;
	void *arg;
	const struct exchange *exchange; /* NULL: nothing was recorded */
};

struct http_watch {
	int fd;
	http_watch_fn *fn;
	void *arg;
};

static struct exchange exchanges[EXCHANGES_MAX];
static size_t n_exchanges;
static struct http_transfer *pending; /* one at a time */
static struct http_watch *watches[WATCHES_MAX];
static int64_t real_ms;
static struct buf complaints = BUF_INIT(65536);

int64_t
http_real_ms(const struct http *h)
{
	(void)h;
	return real_ms;
}

static size_t
without_slash(const char *url)
{
	size_t len = strlen(url);

	return len > 0 && url[len - 1] == '/' ? len - 1 : len;
}

static bool
is_same_url(const char *a, const char *b)
{
	size_t len = without_slash(a);

	return len == without_slash(b) && strncmp(a, b, len) == 0;
}

/* The first that was not used yet, else the last that was. */
static struct exchange *
find_exchange(const struct http_request *r)
{
	struct exchange *found = NULL;
	size_t i;

	for (i = 0; i < n_exchanges; i++) {
		if (strcmp(exchanges[i].method, r->method) != 0 ||
		    !is_same_url(exchanges[i].uri, r->url))
			continue;
		found = &exchanges[i];
		if (!found->used)
			return found;
	}
	return found;
}

static const char *
header_of(const struct http_request *r, const char *name)
{
	size_t i, len = strlen(name);

	for (i = 0; i < r->n_headers; i++)
		if (strncmp(r->headers[i], name, len) == 0)
			return r->headers[i] + len;
	return NULL;
}

/* "Action=AssumeRole" of a body; whole bodies name invented sessions. */
static size_t
action_len(const char *body)
{
	return strcspn(body, "&");
}

/* "us-east-1/sts/aws4_request" */
static const char *
scope_of(const char *authorization, size_t *ret_len)
{
	const char *p = strstr(authorization, "Credential=");
	int slashes;

	for (slashes = 0; p != NULL && slashes < 2; slashes++)
		p = strchr(p, '/') + 1;
	*ret_len = p != NULL ? strcspn(p, ",") : 0;
	return p != NULL ? p : "";
}

/* As recorded; but one recording was edited, and only its URL tells. */
static bool
is_same_scope(const char *authorization, const struct exchange *x)
{
	const char *want, *got;
	size_t want_len, got_len;
	char host[128];

	want = scope_of(x->authorization, &want_len);
	got = scope_of(authorization, &got_len);
	(void)snprintf(host, sizeof(host), "//sts.%.*s.amazonaws.com",
	    (int)strcspn(got, "/"), got);
	return strstr(x->uri, host) != NULL ||
	    (want_len == got_len && strncmp(want, got, got_len) == 0);
}

static void
check_request(const struct http_request *r, const struct exchange *x)
{
	const char *authorization = header_of(r, "Authorization: AWS4");
	const char *token = header_of(r, "X-aws-ec2-metadata-token: ");

	if (x->body != NULL &&
	    (action_len(x->body) > r->body.len ||
		strncmp(x->body, r->body.p, action_len(x->body)) != 0))
		buf_printf(&complaints, "body '%.40s' ", r->body.p);
	if (x->metadata_token != NULL &&
	    (token == NULL || strcmp(token, x->metadata_token) != 0))
		buf_puts(&complaints, "another metadata token ");
	if ((authorization == NULL) != (x->authorization == NULL)) {
		buf_puts(&complaints, "signed or not ");
	} else if (authorization != NULL && !is_same_scope(authorization, x)) {
		buf_printf(&complaints, "scope of '%s' ", authorization);
	}
}

struct http_transfer *
http_start(struct http *h, const struct http_request *r, http_done_fn *done,
    void *arg)
{
	struct http_transfer *t = xcalloc(1, sizeof(*t));
	struct exchange *x = find_exchange(r);

	(void)h;
	t->done = done;
	t->arg = arg;
	t->exchange = x;
	if (x != NULL) {
		x->used = true;
		check_request(r, x);
	}
	if (strncmp(r->url, "http://169.254.", 15) == 0 && !r->is_metadata)
		buf_puts(&complaints, "by a proxy ");
	if (pending != NULL)
		abort();
	pending = t;
	return t;
}

void
http_cancel(struct http_transfer *t)
{
	if (t != NULL && t == pending) {
		pending = NULL;
		free(t);
	}
}

struct http_watch *
http_watch_start(struct http *h, int fd, http_watch_fn *fn, void *arg)
{
	struct http_watch *w = xcalloc(1, sizeof(*w));
	size_t i = 0;

	(void)h;
	*w = (struct http_watch){ fd, fn, arg };
	while (watches[i] != NULL)
		i++;
	watches[i] = w;
	return w;
}

void
http_watch_stop(struct http_watch *w)
{
	size_t i;

	for (i = 0; i < WATCHES_MAX; i++)
		if (w != NULL && watches[i] == w)
			watches[i] = NULL;
	free(w);
}

static void
answer_pending(void)
{
	struct http_transfer *t = pending;
	struct http_answer answer = { .request_id = "",
		.query_error = "",
		.error_type = "",
		.token_ttl = "",
		.date = "",
		.retry_after_ms = -1 };
	struct error e;

	pending = NULL;
	if (t->exchange == NULL) {
		error_set(&e, ERROR_OPERATOR, "nothing was recorded");
		t->done(t->arg, NULL, &e);
	} else {
		answer.status = t->exchange->status;
		answer.body = span_of(t->exchange->answer);
		t->done(t->arg, &answer, NULL);
	}
	free(t);
}

static void
poll_watches(void)
{
	struct pollfd fds[WATCHES_MAX];
	nfds_t n;

	for (n = 0; n < WATCHES_MAX; n++)
		fds[n] =
		    (struct pollfd){ .fd = watches[n] != NULL ? watches[n]->fd
							      : -1,
			    .events = POLLIN };
	if (poll(fds, n, 10000) <= 0)
		abort();
	for (n = 0; n < WATCHES_MAX; n++)
		if (fds[n].revents != 0 && watches[n] != NULL) {
			watches[n]->fn(watches[n]->arg);
			return; /* it may have stopped any */
		}
}

/* ---- a case ---- */

static yajl_val environment;
static const char *folder; /* of the case's files, as we copied them */

/* Paths lead into the folder. */
static const char *
get(const char *name)
{
	static char path[4][1024];
	static unsigned next;
	const char *value = shared_text(environment, name);

	if (value == NULL || value[0] != '/' ||
	    (strcmp(name, "HOME") != 0 && strstr(name, "_FILE") == NULL))
		return value;
	next = (next + 1) % nitems(path);
	(void)snprintf(path[next], sizeof(path[next]), "%s%s", folder, value);
	return path[next];
}

/* Copies a file; a token's path in it leads into the folder. */
static void
copy_file(const char *from_folder, const char *name)
{
	static const char token[] = "/token.jwt";
	static char text[65536];
	char path[1024];
	const char *p, *found;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/fs%s", from_folder, name);
	if ((f = fopen(path, "rb")) == NULL)
		return;
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	(void)snprintf(path, sizeof(path), "%s%s", folder, name);
	if ((f = fopen(path, "wb")) == NULL)
		abort();
	for (p = text; (found = strstr(p, token)) != NULL;
	     p = found + sizeof(token) - 1)
		fprintf(f, "%.*s%s%s", (int)(found - p), p, folder, token);
	fputs(p, f);
	fclose(f);
}

static void
with_each_path(void (*fn)(const char *folder_path, const char *name),
    const char *from)
{
	static const char *const names[] = { "/home/.aws/config",
		"/home/.aws/credentials", "/token.jwt" };
	size_t i;

	for (i = 0; i < nitems(names); i++)
		fn(from, names[i]);
}

static void
remove_file(const char *from, const char *name)
{
	char path[1024];

	(void)snprintf(path, sizeof(path), "%s%s", from, name);
	(void)unlink(path);
}

static const char *
first_header(yajl_val message, const char *name)
{
	yajl_val values =
	    shared_member(shared_member(message, "headers"), name);

	return YAJL_IS_ARRAY(values)
	    ? YAJL_GET_STRING(values->u.array.values[0])
	    : NULL;
}

static void
add_event(yajl_val action)
{
	yajl_val request =
	    shared_member(shared_member(action, "Request"), "request");
	yajl_val response =
	    shared_member(shared_member(shared_member(action, "Response"),
			      "response"),
		"Ok");
	yajl_val data = shared_member(action, "Data");
	const char *text = shared_text(shared_member(data, "data"), "Utf8");
	struct exchange *x;

	if (request != NULL && n_exchanges < EXCHANGES_MAX)
		exchanges[n_exchanges++] =
		    (struct exchange){ .method = shared_text(request, "method"),
			    .uri = shared_text(request, "uri"),
			    .authorization =
				first_header(request, "authorization"),
			    .metadata_token = first_header(request,
				"x-aws-ec2-metadata-token"),
			    .answer = "" };
	if (n_exchanges == 0)
		return;
	x = &exchanges[n_exchanges - 1];
	if (response != NULL)
		x->status =
		    (int)YAJL_GET_INTEGER(shared_member(response, "status"));
	if (text != NULL &&
	    strcmp(shared_text(data, "direction"), "Request") == 0)
		x->body = text;
	else if (text != NULL)
		x->answer = text;
}

static void
read_traffic(yajl_val traffic)
{
	yajl_val events = shared_member(traffic, "events");
	size_t i;

	n_exchanges = 0;
	for (i = 0; events != NULL && i < events->u.array.len; i++)
		add_event(shared_member(events->u.array.values[i], "action"));
}

struct outcome {
	bool ended;
	struct credentials_keys *keys;
	struct error error;
};

static void
on_fetched(void *arg, struct credentials_keys *keys, const struct error *e)
{
	struct outcome *o = arg;

	o->ended = true;
	credentials_keys_free(o->keys);
	o->keys = keys;
	if (e != NULL)
		o->error = *e;
}

/* The profile's source alone, as the SDKs' cases of it have it. */
static void
fetch_profile(const struct credentials_context *x, struct outcome *o)
{
	int round;

	for (round = 0; round < ROUNDS_MAX && o->keys == NULL; round++) {
		o->ended = false;
		(void)credentials_profile.fetch(x, on_fetched, o);
		while (!o->ended) {
			if (pending != NULL)
				answer_pending();
			else
				poll_watches();
		}
		if (o->keys == NULL && o->error.kind != ERROR_RETRY)
			return;
	}
}

/* The whole chain, from whose clock half a minute is gone at each look. */
static void
fetch_chain(const struct credentials_context *x, struct outcome *o)
{
	struct credentials *c = credentials_new(x, NULL);
	const struct credentials_keys *k = NULL;
	int round;

	for (round = 0; round < ROUNDS_MAX && k == NULL; round++) {
		credentials_step(c, clock_ms() + round * 30000, real_ms);
		while (pending != NULL)
			answer_pending();
		k = credentials_current(c, &o->error);
	}
	if (k != NULL)
		o->keys = credentials_keys_new(k->access_key_id,
		    k->secret_access_key, k->session_token, k->expiration_ms);
	credentials_free(c);
}

static void
describe(const struct outcome *o, struct buf *to)
{
	if (o->keys == NULL)
		buf_puts(to, "error");
	else
		buf_printf(to, "%s %s %s %lld", o->keys->access_key_id,
		    o->keys->secret_access_key,
		    o->keys->session_token != NULL ? o->keys->session_token
						   : "-",
		    (long long)o->keys->expiration_ms / 1000);
	buf_puts(to, buf_str(&complaints));
}

static void
describe_wanted(yajl_val good, struct buf *to)
{
	yajl_val expiry = shared_member(good, "expiry");
	const char *token = shared_text(good, "session_token");

	if (good == NULL)
		buf_puts(to, "error");
	else
		buf_printf(to, "%s %s %s %lld",
		    shared_text(good, "access_key_id"),
		    shared_text(good, "secret_access_key"),
		    token != NULL ? token : "-",
		    YAJL_IS_INTEGER(expiry) ? YAJL_GET_INTEGER(expiry) : 0);
}

/* valgrind's kernel has none, and then sqsherd says so. */
static bool
lacks_pidfd(const struct outcome *o)
{
	int fd = pidfd_open(getpid(), 0);

	if (fd == -1 && errno == ENOSYS)
		return strstr(o->error.text, "cannot watch") != NULL;
	if (fd != -1)
		(void)close(fd);
	return false;
}

/* That of the case's profile, which client.c would find. */
static struct aws_endpoint_variant
variant_wanted(void)
{
	struct profile_set *set = profile_files_load(get, NULL);
	struct aws_endpoint_variant v = { false, false };

	if (set != NULL) {
		v.fips = profile_flag(get, set, "AWS_USE_FIPS_ENDPOINT",
		    "use_fips_endpoint");
		v.dualstack = profile_flag(get, set,
		    "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
	}
	profile_free(set);
	return v;
}

static void
run_case(const char *from, const char *name, bool profile_alone)
{
	struct credentials_context x = { .get = get,
		.region = "us-east-1",
		.allow_http = true,
		.timeout_ms = 10000 };
	char *path = xasprintf("%s/env.json", from);
	struct buf want = BUF_INIT(65536), got = BUF_INIT(65536);
	yajl_val traffic, test, good, expiry;
	struct outcome o = { .keys = NULL };

	environment = shared_json_at(path);
	free(path);
	traffic =
	    shared_json_at(path = xasprintf("%s/http-traffic.json", from));
	free(path);
	test = shared_json_at(path = xasprintf("%s/test-case.json", from));
	free(path);
	with_each_path(copy_file, from);
	read_traffic(traffic);
	x.variant = variant_wanted();
	good = shared_member(shared_member(test, "result"), "Ok");
	expiry = shared_member(good, "expiry");
	/* All recorded keys were good half an hour before those wanted end. */
	real_ms =
	    (YAJL_IS_INTEGER(expiry) ? YAJL_GET_INTEGER(expiry) : 1600000000) *
		INT64_C(1000) -
	    1800000;
	if (profile_alone)
		fetch_profile(&x, &o);
	else
		fetch_chain(&x, &o);
	describe(&o, &got);
	describe_wanted(good, &want);
	if (o.keys == NULL && lacks_pidfd(&o))
		tap_skip(name, "there is no pidfd_open(2)");
	else if (!is_str(buf_str(&got), buf_str(&want), name) || o.keys == NULL)
		printf("# %s\n", o.error.text);
	credentials_keys_free(o.keys);
	with_each_path(remove_file, folder);
	buf_reset(&complaints);
	buf_release(&got);
	buf_release(&want);
	yajl_tree_free(environment);
	yajl_tree_free(traffic);
	yajl_tree_free(test);
}

static void
run_cases(const char *name, bool profile_alone)
{
	char *path = xstrdup(shared_path(name));
	DIR *d = opendir(path);
	struct dirent *entry;
	char *one;

	if (d == NULL) {
		tap_skip(name, shared_absent);
		free(path);
		return;
	}
	while ((entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		one = xasprintf("%s/%s", path, entry->d_name);
		run_case(one, entry->d_name, profile_alone);
		free(one);
	}
	closedir(d);
	free(path);
}

/* Each case sets variables and a file, and names the URL or has an error. */
static void
run_urls(const char *name, const char *after,
    char *(*url_of)(credentials_getenv_fn *, struct error *))
{
	yajl_val tree = shared_json(name), tests, one;
	struct error e;
	size_t i;

	if (tree == NULL) {
		tap_skip(name, shared_absent);
		return;
	}
	tests = shared_member(tree, "tests");
	for (i = 0; i < tests->u.array.len; i++) {
		char want[256] = "", got[256] = "";
		const char *want_url, *text;
		char *url;
		FILE *f;

		one = tests->u.array.values[i];
		/* These are options of a program that has some. */
		if (shared_member(one, "endpoint_override") != NULL ||
		    shared_member(one, "mode_override") != NULL)
			continue;
		environment = shared_member(one, "env");
		text = shared_text(shared_member(one, "fs"), "config");
		if (text != NULL && (f = fopen("config", "wb")) != NULL) {
			fputs(text, f);
			fclose(f);
		}
		want_url = shared_text(shared_member(one, "result"), "Ok");
		if (want_url != NULL)
			(void)strlcpy(want, want_url, sizeof(want));
		if ((url = url_of(get, &e)) != NULL)
			(void)snprintf(got, sizeof(got), "%s%s", url, after);
		is_str(got, want, shared_text(one, "docs"));
		free(url);
		(void)unlink("config");
	}
	yajl_tree_free(tree);
}

int
main(void)
{
	char directory[] = "/tmp/sqsherd-vectors-XXXXXX";
	char *home, *aws, *shared;

	/* A relative path to the data must survive the chdir. */
	shared =
	    realpath(getenv("SQSHERD_SHARED") != NULL ? getenv("SQSHERD_SHARED")
						      : "../shared",
		NULL);
	if (shared != NULL)
		setenv("SQSHERD_SHARED", shared, 1);
	if (mkdtemp(directory) == NULL || chdir(directory) == -1)
		abort();
	folder = directory;
	home = xasprintf("%s/home", directory);
	aws = xasprintf("%s/.aws", home);
	(void)mkdir(home, 0700);
	(void)mkdir(aws, 0700);

	run_cases("aws-credential-tests/default-credential-provider-chain",
	    false);
	run_cases("aws-credential-tests/profile-provider", true);
	run_urls("aws-credential-tests/ecs-tests.json", "",
	    credentials_container_url);
	run_urls("aws-credential-tests/imds-config/imds-endpoint-tests.json",
	    "/latest/api/token", credentials_imds_base);

	rmdir(aws);
	rmdir(home);
	if (chdir("/") == 0)
		rmdir(directory);
	free(home);
	free(aws);
	free(shared);
	return tap_done();
}
