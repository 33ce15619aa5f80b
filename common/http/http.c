/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Transfers over one curl multi handle.  A transfer is an easy handle with the
 * buffers that belong to it; both are kept and used again, because making a
 * handle costs more than a request does.  See http.h.
 */
#include "common/http/http.h"

#include <sys/queue.h>

#include <errno.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/xalloc.h"
#include "common/http/http_easy.h"
#include "common/http/http_failure.h"
#include "common/http/http_head.h"
#include "common/http/http_lookups.h"
#include "common/http/http_proxy.h"
#include "common/http/http_skew.h"
#include "common/http/http_trust.h"
#include "common/http/http_watches.h"

#include "common/base/banned.h"

enum {
	KEEP_BYTES = 256 * 1024 /* larger answer buffers are given back */
};

struct http_transfer {
	LIST_ENTRY(http_transfer) entry; /* in active or in idle */
	struct http *http;
	CURL *easy;
	struct curl_slist *headers;
	struct buf answer;
	http_sink_fn *sink;
	void *sink_arg;
	bool sink_failed; /* with sink_error */
	struct error sink_error;
	http_done_fn *done;
	void *arg;
	int64_t started_ms;
	int64_t started_real_ms;
	int64_t correction_ms; /* of our clock, at the start */
	bool is_metadata;
	struct http_host host;
	bool asks_name;   /* a lookup has started, and may still be under way */
	bool refused;     /* the lookup was not to start */
	int bundle_errno; /* why the ca_bundle is not read, or 0 */
	char error[CURL_ERROR_SIZE];
	struct http_head head;
};

LIST_HEAD(transfer_list, http_transfer);

struct http {
	CURLM *multi;
	struct http_options options;
	struct http_trust trust; /* without a ca_bundle; empty: not known yet */
	struct http_bundle bundle;
	struct transfer_list active;
	struct transfer_list idle;
	unsigned n_active;
	struct http_lookups lookups;
	bool started; /* a transfer that libcurl has not seen yet */
	struct http_watches watches;
	int64_t skew_ms; /* of our clock: add it to be right */
	char *no_proxy;
};

/* The body of an error is kept, to be read. */
static bool
is_for_sink(const struct http_transfer *t)
{
	return t->sink != NULL && http_easy_status(t->easy) == 200;
}

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct http_transfer *t = arg;

	if (is_for_sink(t)) {
		t->sink_failed =
		    t->sink(t->sink_arg, (struct span){ data, size * n },
			http_easy_announced(t->easy), &t->sink_error) == -1;
		return t->sink_failed ? CURL_WRITEFUNC_ERROR : size * n;
	}
	buf_append(&t->answer, data, size * n);
	return t->answer.overflow ? 0 : size * n;
}

static size_t
on_header(char *line, size_t size, size_t n, void *arg)
{
	struct http_transfer *t = arg;

	http_head_take_line(&t->head, (struct span){ line, size * n });
	return size * n;
}

struct http *
http_new(const struct http_options *o)
{
	struct http *h = xcalloc(1, sizeof(*h));

	h->options = *o;
	h->bundle.path = o->ca_bundle;
	h->no_proxy = http_proxy_exceptions();
	LIST_INIT(&h->active);
	LIST_INIT(&h->idle);
	h->multi = curl_multi_init();
	if (h->multi == NULL)
		abort(); /* out of memory: nothing else can make it fail */
	return h;
}

static void
transfer_free(struct http_transfer *t)
{
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	buf_release(&t->answer);
	free(t);
}

void
http_free(struct http *h)
{
	struct http_transfer *t;

	if (h == NULL)
		return;
	while ((t = LIST_FIRST(&h->active)) != NULL)
		http_cancel(t);
	while ((t = LIST_FIRST(&h->idle)) != NULL) {
		LIST_REMOVE(t, entry);
		transfer_free(t);
	}
	curl_multi_cleanup(h->multi);
	http_watches_release(&h->watches);
	free(h->no_proxy);
	free(h);
}

/* ---- the time of day ---- */

static int64_t
correction_ms(const struct http *h)
{
	return http_skew_is_large(h->skew_ms) ? h->skew_ms : 0;
}

int64_t
http_real_ms(const struct http *h)
{
	return clock_real_ms() + correction_ms(h);
}

/*
 * Returns whether this answer shows that its request was signed with a wrong
 * time.  If the clock was wrong but corrected, the request had the right time.
 */
static bool
learn_skew(struct http_transfer *t, int64_t elapsed_ms)
{
	int64_t skew_ms;

	/* With an Age, the answer and its Date come from a cache. */
	if (t->is_metadata || t->head.age[0] != '\0' ||
	    http_skew(t->head.date, t->started_real_ms, elapsed_ms, &skew_ms) ==
		-1)
		return false;
	t->http->skew_ms = skew_ms;
	return http_skew_is_large(skew_ms - t->correction_ms);
}

/* ---- name lookups ---- */

/* Lookups that a transfer waits for, as far as libcurl says. */
static size_t
lookups_under_way(const struct http *h)
{
	struct http_transfer *t;
	size_t n = 0;

	LIST_FOREACH(t, &h->active, entry) {
		/* cppcheck-suppress uninitvar ; LIST_FOREACH sets t */
		if (t->asks_name && !http_easy_has_address(t->easy))
			n++;
	}
	return n;
}

/* libcurl calls this function when it needs a lookup to connect. */
static int
on_lookup(void *resolver, void *reserved, void *arg)
{
	struct http_transfer *t = arg;
	struct http *h = t->http;
	size_t n_threads, n_wanted;

	(void)resolver;
	(void)reserved;
	if (h->lookups.n_left > 0) {
		n_threads = http_lookups_threads();
		n_wanted = lookups_under_way(h);
		http_lookups_count(&h->lookups,
		    n_threads > n_wanted ? n_threads - n_wanted : 0);
	}
	if (!http_lookups_may_start(&h->lookups, &t->host)) {
		t->refused = true;
		return -1;
	}
	t->asks_name = true;
	return 0;
}

/* libcurl has given the transfer back: notes how its lookup ended. */
static void
note_lookup(struct http_transfer *t, CURLcode code)
{
	struct http_lookups *l = &t->http->lookups;

	if (!t->asks_name)
		return;
	t->asks_name = false;
	if (http_easy_has_address(t->easy))
		http_lookups_resolved(l, &t->host);
	else if (code != CURLE_COULDNT_RESOLVE_HOST &&
	    code != CURLE_COULDNT_RESOLVE_PROXY)
		http_lookups_left(l, &t->host);
}

/* ---- transfers ---- */

/*
 * The system's certificates are looked for once, with the first handle;
 * use_bundle sets a ca_bundle.
 */
static struct http_trust
trust_of(struct http *h, CURL *e)
{
	if (h->options.ca_bundle != NULL)
		return (struct http_trust){ NULL, NULL };
	if (h->trust.directory == NULL && h->trust.file == NULL)
		h->trust = http_trust_of_system(e);
	return h->trust;
}

static void
set_up(struct http_transfer *t)
{
	CURL *e = t->easy;
	struct http_trust trust = trust_of(t->http, e);

	http_easy_set_fixed(e, t->http->options.user_agent, &trust);
	curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	curl_easy_setopt(e, CURLOPT_RESOLVER_START_FUNCTION, on_lookup);
	curl_easy_setopt(e, CURLOPT_RESOLVER_START_DATA, t);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
}

static struct http_transfer *
transfer_take(struct http *h)
{
	struct http_transfer *t = LIST_FIRST(&h->idle);

	if (t != NULL) {
		LIST_REMOVE(t, entry);
	} else {
		t = xcalloc(1, sizeof(*t));
		t->http = h;
		t->easy = curl_easy_init();
		if (t->easy == NULL)
			abort(); /* out of memory */
		set_up(t);
	}
	LIST_INSERT_HEAD(&h->active, t, entry);
	h->n_active++;
	return t;
}

static void
transfer_give_back(struct http_transfer *t)
{
	struct http *h = t->http;

	LIST_REMOVE(t, entry);
	h->n_active--;
	curl_slist_free_all(t->headers);
	t->headers = NULL;
	if (t->answer.cap > KEEP_BYTES)
		buf_release(&t->answer);
	LIST_INSERT_HEAD(&h->idle, t, entry);
}

static void
use_bundle(struct http_transfer *t)
{
	struct http_bundle *b = &t->http->bundle;

	t->bundle_errno = 0;
	if (b->path == NULL)
		return;
	t->bundle_errno = http_trust_check_bundle(b, t->started_ms);
	curl_easy_setopt(t->easy, CURLOPT_CAINFO,
	    t->bundle_errno == 0 ? b->path : "/dev/null");
}

static void
prepare(struct http_transfer *t, const struct http_request *r)
{
	t->sink = r->sink;
	t->sink_arg = r->sink_arg;
	t->sink_failed = false;
	t->started_ms = clock_ms();
	t->started_real_ms = clock_real_ms();
	t->correction_ms = correction_ms(t->http);
	t->is_metadata = r->is_metadata;
	http_host_of_url(r->url, &t->host);
	t->asks_name = false;
	t->refused = false;
	t->error[0] = '\0';
	t->answer.max = r->answer_max;
	buf_reset(&t->answer);
	http_head_reset(&t->head);
}

struct http_transfer *
http_start(struct http *h, const struct http_request *r, http_done_fn *done,
    void *arg)
{
	struct http_transfer *t = transfer_take(h);

	t->done = done;
	t->arg = arg;
	prepare(t, r);
	use_bundle(t);
	t->headers = http_easy_set_request(t->easy, r, h->no_proxy);
	curl_multi_add_handle(h->multi, t->easy);
	h->started = true;
	return t;
}

bool
http_is_sent(const struct http_transfer *t)
{
	return http_easy_is_sent(t->easy);
}

void
http_cancel(struct http_transfer *t)
{
	if (t == NULL)
		return;
	curl_multi_remove_handle(t->http->multi, t->easy);
	note_lookup(t, CURLE_ABORTED_BY_CALLBACK);
	transfer_give_back(t);
}

static void
report_failure(struct http_transfer *t, CURLcode code)
{
	struct error e;

	http_failure_drop_elapsed(t->error);
	if (code == CURLE_SSL_CACERT_BADFILE && t->bundle_errno != 0) {
		errno = t->bundle_errno;
		file_refuse(&e, "ca_bundle", t->http->options.ca_bundle);
	} else if (t->sink_failed)
		e = t->sink_error;
	else if (t->answer.overflow)
		error_set(&e, ERROR_RETRY, "answer is larger than %zu bytes",
		    t->answer.max);
	else if (t->refused)
		error_set(&e, ERROR_RETRY, "name servers do not answer");
	else
		error_set(&e, http_failure_kind(code), "%s",
		    t->error[0] != '\0' ? t->error : curl_easy_strerror(code));
	t->done(t->arg, NULL, &e);
}

static void
report_answer(struct http_transfer *t)
{
	struct http_answer answer = { .status = http_easy_status(t->easy),
		.body = buf_span(&t->answer),
		.request_id = t->head.request_id,
		.query_error = t->head.query_error,
		.error_type = t->head.error_type,
		.token_ttl = t->head.token_ttl,
		.date = t->head.date,
		.retry_after_ms = t->head.retry_after_ms,
		.elapsed_ms = clock_ms() - t->started_ms };

	answer.skewed = learn_skew(t, answer.elapsed_ms);
	t->done(t->arg, &answer, NULL);
}

/*
 * If the connection is closed within a head, libcurl reports success and takes
 * the lines so far for an answer without a body.
 */
static void
report_end(struct http_transfer *t)
{
	/* If false, the body ends with the connection, whole or not. */
	bool has_end = http_easy_announced(t->easy) >= 0 || t->head.chunked;
	struct error e;

	if (t->head.ended && (has_end || !is_for_sink(t))) {
		report_answer(t);
		return;
	}
	error_set(&e, ERROR_RETRY,
	    t->head.ended ? "the answer has no length: it may be cut short"
			  : "connection closed within the head of an answer");
	t->done(t->arg, NULL, &e);
}

/* Returns whether any callback ran. */
static bool
finish_transfers(struct http *h)
{
	struct http_transfer *t;
	CURLMsg *msg;
	CURLcode code;
	bool any = false;
	int left;

	while ((msg = curl_multi_info_read(h->multi, &left)) != NULL) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		code = msg->data.result;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE,
		    (char **)&t);
		/* msg is invalid after this call. */
		curl_multi_remove_handle(h->multi, t->easy);
		note_lookup(t, code);
		if (code == CURLE_OK)
			report_end(t);
		else
			report_failure(t, code);
		transfer_give_back(t);
		any = true;
	}
	return any;
}

/* Returns whether any callback ran. */
static bool
perform(struct http *h)
{
	int running;

	h->started = false;
	curl_multi_perform(h->multi, &running);
	return finish_transfers(h);
}

/* ---- the wait ---- */

struct http_watch *
http_watch_start(struct http *h, int fd, http_watch_fn *fn, void *arg)
{
	return http_watches_add(&h->watches, fd, fn, arg);
}

void
http_watch_stop(struct http_watch *w)
{
	http_watches_remove(w);
}

void
http_wait(struct http *h, struct curl_waitfd *extra, unsigned n_extra,
    int timeout_ms)
{
	/* A new request is sent before the wait, not in its course.  A transfer
	   that ended already may have made something else due. */
	if (h->started && perform(h))
		timeout_ms = 0;
	http_watches_poll(&h->watches, h->multi, extra, n_extra, timeout_ms);
	(void)perform(h);
}

unsigned
http_active(const struct http *h)
{
	return h->n_active;
}
