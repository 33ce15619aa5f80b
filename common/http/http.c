/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Transfers over one curl multi handle.  Easy handles are kept and used again
 * (making one costs more than a request does); a transfer is one easy handle
 * with the buffers that belong to it.  See http.h.
 */
#include "common/http/http.h"

#include <sys/queue.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/xalloc.h"
#include "common/http/http_lookups.h"
#include "common/http/http_trust.h"

#include "common/base/banned.h"

enum {
	KEEP_BYTES = 256 * 1024, /* larger answer buffers are given back */
	BUNDLE_CHECK_MS = 1000,
	CONNECTION_LIFETIME_S = 3600,
	SKEW_ELAPSED_MAX_MS = 15 * 60 * 1000 /* the SDKs' rule */
};

/* The end of the year 9999, as late as a signature can be. */
#define DATE_MAX_S INT64_C(253402300799)

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
	bool refused;     /* it was not to start */
	int bundle_errno; /* why the ca_bundle is not read, or 0 */
	int64_t retry_after_ms;
	char error[CURL_ERROR_SIZE];
	char request_id[64];
	char query_error[128];
	char error_type[128];
	char token_ttl[16];
	char date[40];
	char age[16];
	bool head_ended; /* by an empty line */
	bool chunked;
};

struct http_watch {
	LIST_ENTRY(http_watch) entry;
	struct http *http;
	int fd;
	bool ready;
	http_watch_fn *fn;
	void *arg;
};

LIST_HEAD(transfer_list, http_transfer);

struct http {
	CURLM *multi;
	struct http_options options;
	struct http_trust trust; /* without a ca_bundle; empty: not known yet */
	int64_t bundle_checked_ms; /* 0: never */
	int bundle_errno;
	struct transfer_list active;
	struct transfer_list idle;
	unsigned n_active;
	struct http_lookups lookups;
	bool started; /* a transfer that libcurl has not seen yet */
	LIST_HEAD(watch_list, http_watch) watches;
	unsigned n_watches;
	struct curl_waitfd *waits; /* room for what is waited for with them */
	int64_t skew_ms;           /* of our clock: add it to be right */
	char *no_proxy;
};

/* Only what was asked for: an error is to be read. */
static bool
is_for_sink(const struct http_transfer *t)
{
	long status = 0;

	if (t->sink == NULL)
		return false;
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	return status == 200;
}

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct http_transfer *t = arg;
	curl_off_t announced = -1;

	if (is_for_sink(t)) {
		curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T,
		    &announced);
		t->sink_failed =
		    t->sink(t->sink_arg, (struct span){ data, size * n },
			announced, &t->sink_error) == -1;
		return t->sink_failed ? CURL_WRITEFUNC_ERROR : size * n;
	}
	buf_append(&t->answer, data, size * n);
	return t->answer.overflow ? 0 : size * n;
}

static void
forget_headers(struct http_transfer *t)
{
	t->request_id[0] = '\0';
	t->query_error[0] = '\0';
	t->error_type[0] = '\0';
	t->token_ttl[0] = '\0';
	t->date[0] = '\0';
	t->age[0] = '\0';
	t->head_ended = false;
	t->chunked = false;
	t->retry_after_ms = -1;
}

static void
keep_value(char *to, size_t size, const char *value, size_t len)
{
	if (len >= size)
		len = size - 1;
	memcpy(to, value, len);
	to[len] = '\0';
}

static void
keep_retry_after(struct http_transfer *t, const char *value, size_t len)
{
	char digits[16];
	const char *problem;
	long long ms;

	keep_value(digits, sizeof(digits), value, len);
	ms = strtonum(digits, 0, 3600000, &problem);
	t->retry_after_ms = problem == NULL ? ms : -1;
}

static bool
is_named(struct span name, const char *wanted)
{
	return strlen(wanted) == name.len &&
	    strncasecmp(wanted, name.p, name.len) == 0;
}

static void
keep_header(struct http_transfer *t, struct span name, struct span value)
{
	const struct {
		const char *name;
		char *to;
		size_t size;
	} kept[] = {
		{ "x-amzn-requestid", t->request_id, sizeof(t->request_id) },
		{ "x-amzn-query-error", t->query_error,
		    sizeof(t->query_error) },
		{ "x-amzn-errortype", t->error_type, sizeof(t->error_type) },
		{ "x-aws-ec2-metadata-token-ttl-seconds", t->token_ttl,
		    sizeof(t->token_ttl) },
		{ "date", t->date, sizeof(t->date) },
		{ "age", t->age, sizeof(t->age) },
	};
	size_t i;

	for (i = 0; i < nitems(kept); i++)
		if (is_named(name, kept[i].name))
			keep_value(kept[i].to, kept[i].size, value.p,
			    value.len);
	if (is_named(name, "x-amz-retry-after"))
		keep_retry_after(t, value.p, value.len);
	if (is_named(name, "transfer-encoding"))
		t->chunked = is_named(value, "chunked");
}

static size_t
on_header(char *line, size_t size, size_t n, void *arg)
{
	struct http_transfer *t = arg;
	struct span name, value;
	const char *colon;

	n *= size;
	if (n >= 5 && memcmp(line, "HTTP/", 5) == 0) {
		/* A new head, behind a "100 Continue" for instance. */
		forget_headers(t);
		return n;
	}
	if (n > 0 && (line[0] == '\r' || line[0] == '\n'))
		t->head_ended = true;
	if ((colon = memchr(line, ':', n)) == NULL)
		return n;
	name = (struct span){ line, (size_t)(colon - line) };
	value = (struct span){ colon + 1, n - name.len - 1 };
	while (value.len > 0 && (*value.p == ' ' || *value.p == '\t')) {
		value.p++;
		value.len--;
	}
	while (value.len > 0 && (unsigned char)value.p[value.len - 1] <= ' ')
		value.len--;
	keep_header(t, name, value);
	return n;
}

/*
 * The environment's exceptions, and those that are always right: a proxy has
 * no way to this machine or to the metadata services of its network.
 */
static char *
exceptions_to_proxy(void)
{
	const char *own = getenv("no_proxy");

	if (own == NULL)
		own = getenv("NO_PROXY");
	/* A lone star, which means all, is none among others. */
	if (own != NULL && strcmp(own, "*") == 0)
		return xstrdup(own);
	return xasprintf("localhost,127.0.0.0/8,::1,169.254.169.254,"
			 "169.254.170.2,169.254.170.23,fd00:ec2::254,"
			 "fd00:ec2::23%s%s",
	    own != NULL ? "," : "", own != NULL ? own : "");
}

struct http *
http_new(const struct http_options *o)
{
	struct http *h = xcalloc(1, sizeof(*h));

	h->options = *o;
	h->no_proxy = exceptions_to_proxy();
	LIST_INIT(&h->active);
	LIST_INIT(&h->idle);
	LIST_INIT(&h->watches);
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
	free(h->waits);
	free(h->no_proxy);
	free(h);
}

/* ---- the time of day ---- */

static bool
is_skewed(int64_t skew_ms)
{
	return skew_ms > HTTP_SKEW_MS || skew_ms < -HTTP_SKEW_MS;
}

int
http_skew(const char *date, int64_t sent_real_ms, int64_t elapsed_ms,
    int64_t *ret_skew_ms)
{
	time_t server_s;

	if (date[0] == '\0' || elapsed_ms > SKEW_ELAPSED_MAX_MS)
		return -1;
	server_s = curl_getdate(date, NULL);
	if (server_s <= 0 || server_s > DATE_MAX_S)
		return -1;
	*ret_skew_ms =
	    (int64_t)server_s * 1000 - (sent_real_ms + elapsed_ms / 2);
	return 0;
}

static int64_t
correction_ms(const struct http *h)
{
	return is_skewed(h->skew_ms) ? h->skew_ms : 0;
}

int64_t
http_real_ms(const struct http *h)
{
	return clock_real_ms() + correction_ms(h);
}

/*
 * Returns whether this answer shows that the time was wrong which its request
 * was signed with.  A clock that is wrong but corrected is not to blame.
 */
static bool
learn_skew(struct http_transfer *t, int64_t elapsed_ms)
{
	int64_t skew_ms;

	/* With an Age the answer, and its Date, came out of a cache. */
	if (t->is_metadata || t->age[0] != '\0' ||
	    http_skew(t->date, t->started_real_ms, elapsed_ms, &skew_ms) == -1)
		return false;
	t->http->skew_ms = skew_ms;
	return is_skewed(skew_ms - t->correction_ms);
}

bool
http_is_sent(const struct http_transfer *t)
{
	curl_off_t before_us = 0;

	curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &before_us);
	return before_us > 0;
}

/* ---- name lookups ---- */

/* Only what libcurl took from its caches has no such time. */
static bool
has_name(const struct http_transfer *t)
{
	curl_off_t took_us = 0;

	curl_easy_getinfo(t->easy, CURLINFO_NAMELOOKUP_TIME_T, &took_us);
	return took_us > 0;
}

/* Those that some transfer waits for, or has not said that it got it. */
static size_t
lookups_under_way(const struct http *h)
{
	struct http_transfer *t;
	size_t n = 0;

	LIST_FOREACH(t, &h->active, entry) {
		/* cppcheck-suppress uninitvar ; LIST_FOREACH sets t */
		if (t->asks_name && !has_name(t))
			n++;
	}
	return n;
}

/* libcurl calls it when neither a connection nor a cached name will do. */
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

/* The transfer is out of libcurl's hands: what became of its lookup? */
static void
note_lookup(struct http_transfer *t, CURLcode code)
{
	struct http_lookups *l = &t->http->lookups;

	if (!t->asks_name)
		return;
	t->asks_name = false;
	if (has_name(t))
		http_lookups_resolved(l, &t->host);
	else if (code != CURLE_COULDNT_RESOLVE_HOST &&
	    code != CURLE_COULDNT_RESOLVE_PROXY)
		http_lookups_left(l, &t->host);
}

/* ---- transfers ---- */

/* Looked for once, with the first handle; a ca_bundle in check_bundle. */
static struct http_trust
trust_of(struct http *h, CURL *e)
{
	if (h->options.ca_bundle != NULL)
		return (struct http_trust){ NULL, NULL };
	if (h->trust.directory == NULL && h->trust.file == NULL)
		h->trust = http_trust_of_system(e);
	return h->trust;
}

/* What is the same for every transfer of this process. */
static void
set_fixed_options(struct http_transfer *t)
{
	const struct http_options *o = &t->http->options;
	CURL *e = t->easy;
	struct http_trust trust;

	curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	/* Or libcurl waits for its resolver's thread, and we with it, when a
	   transfer ends that has no address yet. */
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(e, CURLOPT_RESOLVER_START_FUNCTION, on_lookup);
	curl_easy_setopt(e, CURLOPT_RESOLVER_START_DATA, t);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	/* The path of an object may have dots, and is signed as it is. */
	curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
	/* Addresses of AWS's endpoints change; a connection that never ends
	   would never notice. */
	curl_easy_setopt(e, CURLOPT_MAXLIFETIME_CONN,
	    (long)CONNECTION_LIFETIME_S);
	curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (o->user_agent != NULL)
		curl_easy_setopt(e, CURLOPT_USERAGENT, o->user_agent);
	trust = trust_of(t->http, e);
	curl_easy_setopt(e, CURLOPT_CAINFO, trust.file);
	curl_easy_setopt(e, CURLOPT_CAPATH, trust.directory);
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
		set_fixed_options(t);
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
add_header(struct http_transfer *t, const char *line)
{
	struct curl_slist *longer = curl_slist_append(t->headers, line);

	if (longer == NULL)
		abort(); /* out of memory */
	t->headers = longer;
}

static void
set_body(struct http_transfer *t, const struct http_request *r)
{
	CURL *e = t->easy;

	if (strcmp(r->method, "GET") == 0) {
		curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, NULL);
		curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
		return;
	}
	curl_easy_setopt(e, CURLOPT_POST, 1L);
	curl_easy_setopt(e, CURLOPT_POSTFIELDS,
	    r->body.len > 0 ? r->body.p : "");
	curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE,
	    (curl_off_t)r->body.len);
	curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST,
	    strcmp(r->method, "POST") == 0 ? NULL : r->method);
	/* Or libcurl waits a second for "100 Continue" before large bodies. */
	add_header(t, "Expect:");
}

/*
 * OpenSSL would wait for a FIFO, and for the end of a file that has none, and
 * the process with it.  The file may have been replaced, which a second later
 * is soon enough: a busy child makes thousands of requests meanwhile.
 */
static void
check_bundle(struct http_transfer *t)
{
	struct http *h = t->http;
	const char *path = h->options.ca_bundle;

	t->bundle_errno = 0;
	if (path == NULL)
		return;
	if (h->bundle_checked_ms == 0 ||
	    t->started_ms - h->bundle_checked_ms >= BUNDLE_CHECK_MS) {
		h->bundle_checked_ms = t->started_ms;
		h->bundle_errno =
		    file_check(path, HTTP_TRUST_MAX_BYTES) == 0 ? 0 : errno;
	}
	t->bundle_errno = h->bundle_errno;
	curl_easy_setopt(t->easy, CURLOPT_CAINFO,
	    t->bundle_errno == 0 ? path : "/dev/null");
}

struct http_transfer *
http_start(struct http *h, const struct http_request *r, http_done_fn *done,
    void *arg)
{
	struct http_transfer *t = transfer_take(h);
	size_t i;

	t->done = done;
	t->arg = arg;
	t->sink = r->sink;
	t->sink_arg = r->sink_arg;
	t->sink_failed = false;
	t->started_ms = clock_ms();
	t->started_real_ms = clock_real_ms();
	t->correction_ms = correction_ms(h);
	t->is_metadata = r->is_metadata;
	http_host_of_url(r->url, &t->host);
	t->asks_name = false;
	t->refused = false;
	t->error[0] = '\0';
	t->answer.max = r->answer_max;
	buf_reset(&t->answer);
	forget_headers(t);
	check_bundle(t);
	set_body(t, r);
	for (i = 0; i < r->n_headers; i++)
		add_header(t, r->headers[i]);
	curl_easy_setopt(t->easy, CURLOPT_URL, r->url);
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)r->connect_timeout_ms);
	curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
	curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_LIMIT,
	    r->stall_timeout_ms > 0 ? (long)HTTP_STALL_BYTES : 0L);
	curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_TIME,
	    (long)((r->stall_timeout_ms + 999) / 1000));
	curl_easy_setopt(t->easy, CURLOPT_NOPROXY,
	    r->is_metadata ? "*" : h->no_proxy);
	curl_multi_add_handle(h->multi, t->easy);
	h->started = true;
	return t;
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

enum error_kind
http_classify(CURLcode code)
{
	switch ((int)code) {
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return ERROR_INVALID;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return ERROR_OPERATOR;
	default:
		return ERROR_RETRY;
	}
}

/*
 * libcurl says " after 17 ms" or " after 17 milliseconds".  Without it the same
 * failure is the same text each time, so that it can be told once.
 */
static void
drop_elapsed(char *text)
{
	static const char *const units[] = { " milliseconds", " ms" };
	char *from = strstr(text, " after "), *to;
	size_t i;

	if (from == NULL)
		return;
	to = from + strlen(" after ");
	to += strspn(to, "0123456789");
	for (i = 0; i < nitems(units); i++)
		if (strncmp(to, units[i], strlen(units[i])) == 0) {
			to += strlen(units[i]);
			memmove(from, to, strlen(to) + 1);
			return;
		}
}

static void
report_failure(struct http_transfer *t, CURLcode code)
{
	struct error e;

	drop_elapsed(t->error);
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
		error_set(&e, http_classify(code), "%s",
		    t->error[0] != '\0' ? t->error : curl_easy_strerror(code));
	t->done(t->arg, NULL, &e);
}

static void
report_answer(struct http_transfer *t)
{
	long status = 0;
	struct http_answer answer = { .body = buf_span(&t->answer),
		.request_id = t->request_id,
		.query_error = t->query_error,
		.error_type = t->error_type,
		.token_ttl = t->token_ttl,
		.date = t->date,
		.retry_after_ms = t->retry_after_ms,
		.elapsed_ms = clock_ms() - t->started_ms };

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	answer.status = (int)status;
	answer.skewed = learn_skew(t, answer.elapsed_ms);
	t->done(t->arg, &answer, NULL);
}

/* Or only the end of the connection ends the body, be it whole or not. */
static bool
tells_end(const struct http_transfer *t)
{
	curl_off_t announced = -1;

	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T,
	    &announced);
	return announced >= 0 || t->chunked;
}

/*
 * libcurl is content when the connection is closed within a head, and takes
 * what was said until then for an answer without a body.
 */
static void
report_end(struct http_transfer *t)
{
	struct error e;

	if (t->head_ended && (tells_end(t) || !is_for_sink(t))) {
		report_answer(t);
		return;
	}
	error_set(&e, ERROR_RETRY,
	    t->head_ended ? "nothing says whether the answer is whole"
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
		/* msg is gone after this. */
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
	struct http_watch *w = xcalloc(1, sizeof(*w));

	w->http = h;
	w->fd = fd;
	w->fn = fn;
	w->arg = arg;
	LIST_INSERT_HEAD(&h->watches, w, entry);
	h->n_watches++;
	return w;
}

void
http_watch_stop(struct http_watch *w)
{
	if (w == NULL)
		return;
	LIST_REMOVE(w, entry);
	w->http->n_watches--;
	free(w);
}

/* Behind the extra descriptors, those that are watched. */
static void
poll_with_watches(struct http *h, struct curl_waitfd *extra, unsigned n_extra,
    int timeout_ms)
{
	struct http_watch *w;
	unsigned n = n_extra;

	h->waits =
	    xreallocarray(h->waits, n_extra + h->n_watches, sizeof(*h->waits));
	if (n_extra > 0)
		memcpy(h->waits, extra, n_extra * sizeof(*extra));
	LIST_FOREACH(w, &h->watches, entry) {
		h->waits[n++] = (struct curl_waitfd){ .fd = w->fd,
			.events = CURL_WAIT_POLLIN };
	}
	curl_multi_poll(h->multi, h->waits, n, timeout_ms, NULL);
	if (n_extra > 0)
		memcpy(extra, h->waits, n_extra * sizeof(*extra));
	n = n_extra;
	LIST_FOREACH(w, &h->watches, entry) {
		w->ready = h->waits[n++].revents != 0;
	}
}

/* From the start each time: a callback may start and stop others. */
static void
run_watches(struct http *h)
{
	struct http_watch *w;

	do {
		LIST_FOREACH(w, &h->watches, entry) {
			/* cppcheck-suppress uninitvar ; LIST_FOREACH sets w */
			if (w->ready)
				break;
		}
		if (w != NULL) {
			w->ready = false;
			w->fn(w->arg);
		}
	} while (w != NULL);
}

void
http_wait(struct http *h, struct curl_waitfd *extra, unsigned n_extra,
    int timeout_ms)
{
	/* A new request is on its way before the wait, not after its first
	   turn.  What ended already may have made something due. */
	if (h->started && perform(h))
		timeout_ms = 0;
	if (h->n_watches == 0) {
		curl_multi_poll(h->multi, extra, n_extra, timeout_ms, NULL);
	} else {
		poll_with_watches(h, extra, n_extra, timeout_ms);
		run_watches(h);
	}
	(void)perform(h);
}

unsigned
http_active(const struct http *h)
{
	return h->n_active;
}
