/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Transfers over one curl multi handle.  Easy handles are kept and used again
 * (making one costs more than a request does); a transfer is one easy handle
 * with the buffers that belong to it.  See http.h.
 */
#include "common/http.h"

#include <sys/queue.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/clock.h"
#include "common/xalloc.h"

#include "common/banned.h"

enum {
	KEEP_BYTES = 256 * 1024, /* larger answer buffers are given back */
	CONNECTION_LIFETIME_S = 3600
};

struct http_transfer {
	LIST_ENTRY(http_transfer) entry; /* in active or in idle */
	struct http *http;
	CURL *easy;
	struct curl_slist *headers;
	struct buf answer;
	http_done_fn *done;
	void *arg;
	int64_t started_ms;
	int64_t retry_after_ms;
	char error[CURL_ERROR_SIZE];
	char request_id[64];
	char query_error[128];
	char error_type[128];
	char token_ttl[16];
	char date[40];
};

LIST_HEAD(transfer_list, http_transfer);

struct http {
	CURLM *multi;
	struct http_options options;
	struct transfer_list active;
	struct transfer_list idle;
	unsigned n_active;
	bool started; /* a transfer that libcurl has not seen yet */
};

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct http_transfer *t = arg;

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
	};
	size_t i;

	for (i = 0; i < nitems(kept); i++)
		if (strlen(kept[i].name) == name.len &&
		    strncasecmp(kept[i].name, name.p, name.len) == 0)
			keep_value(kept[i].to, kept[i].size, value.p,
			    value.len);
	if (name.len == 17 &&
	    strncasecmp("x-amz-retry-after", name.p, name.len) == 0)
		keep_retry_after(t, value.p, value.len);
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

struct http *
http_new(const struct http_options *o)
{
	struct http *h = xcalloc(1, sizeof(*h));

	h->options = *o;
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
	free(h);
}

/* What is the same for every transfer of this process. */
static void
set_fixed_options(struct http_transfer *t)
{
	const struct http_options *o = &t->http->options;
	CURL *e = t->easy;

	curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	/* Addresses of AWS's endpoints change; a connection that never ends
	   would never notice. */
	curl_easy_setopt(e, CURLOPT_MAXLIFETIME_CONN,
	    (long)CONNECTION_LIFETIME_S);
	curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (o->user_agent != NULL)
		curl_easy_setopt(e, CURLOPT_USERAGENT, o->user_agent);
	if (o->ca_bundle != NULL) {
		curl_easy_setopt(e, CURLOPT_CAINFO, o->ca_bundle);
		curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	} else {
		/* The directory is read a certificate at a time, as it is
		   needed; the bundle would cost each child its parsed copy,
		   some 400 kB. */
		curl_easy_setopt(e, CURLOPT_CAINFO, NULL);
		curl_easy_setopt(e, CURLOPT_CAPATH, "/etc/ssl/certs");
	}
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

struct http_transfer *
http_start(struct http *h, const struct http_request *r, http_done_fn *done,
    void *arg)
{
	struct http_transfer *t = transfer_take(h);
	size_t i;

	t->done = done;
	t->arg = arg;
	t->started_ms = clock_ms();
	t->error[0] = '\0';
	t->answer.max = r->answer_max;
	buf_reset(&t->answer);
	forget_headers(t);
	set_body(t, r);
	for (i = 0; i < r->n_headers; i++)
		add_header(t, r->headers[i]);
	curl_easy_setopt(t->easy, CURLOPT_URL, r->url);
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)r->connect_timeout_ms);
	curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
	curl_easy_setopt(t->easy, CURLOPT_NOPROXY, r->no_proxy ? "*" : NULL);
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
	transfer_give_back(t);
}

/* What a failed transfer means for whoever started it. */
static enum error_kind
kind_of_curl(CURLcode code)
{
	switch ((int)code) {
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return ERROR_INVALID;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return ERROR_OPERATOR;
	default:
		return ERROR_RETRY;
	}
}

static void
report_failure(struct http_transfer *t, CURLcode code)
{
	struct error e;

	if (t->answer.overflow)
		error_set(&e, ERROR_RETRY, "answer is larger than %zu bytes",
		    t->answer.max);
	else
		error_set(&e, kind_of_curl(code), "%s",
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
	t->done(t->arg, &answer, NULL);
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
		if (code == CURLE_OK)
			report_answer(t);
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

void
http_wait(struct http *h, struct curl_waitfd *extra, unsigned n_extra,
    int timeout_ms)
{
	/* A new request is on its way before the wait, not after its first
	   turn.  What ended already may have made something due. */
	if (h->started && perform(h))
		timeout_ms = 0;
	curl_multi_poll(h->multi, extra, n_extra, timeout_ms, NULL);
	(void)perform(h);
}

unsigned
http_active(const struct http *h)
{
	return h->n_active;
}

static int
copy_part(CURLU *u, CURLUPart part, char *to, size_t size)
{
	char *value;
	size_t len;

	if (curl_url_get(u, part, &value, 0) != CURLUE_OK) {
		to[0] = '\0';
		return 0;
	}
	len = strlcpy(to, value, size);
	curl_free(value);
	return len < size ? 0 : -1;
}

static bool
is_web_url(CURLU *u, struct http_url *url)
{
	char other[8];

	return copy_part(u, CURLUPART_SCHEME, url->scheme,
		   sizeof(url->scheme)) == 0 &&
	    (strcmp(url->scheme, "http") == 0 ||
		strcmp(url->scheme, "https") == 0) &&
	    copy_part(u, CURLUPART_USER, other, sizeof(other)) == 0 &&
	    other[0] == '\0' &&
	    copy_part(u, CURLUPART_FRAGMENT, other, sizeof(other)) == 0 &&
	    other[0] == '\0';
}

static bool
is_default_port(const struct http_url *url)
{
	return url->port[0] == '\0' ||
	    strcmp(url->port,
		strcmp(url->scheme, "https") == 0 ? "443" : "80") == 0;
}

/* "[::1]" without its brackets. */
static void
strip_brackets(char *host)
{
	size_t len = strlen(host);

	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		memmove(host, host + 1, len - 2);
		host[len - 2] = '\0';
	}
}

static int
split_into(CURLU *u, struct http_url *url)
{
	if (!is_web_url(u, url) ||
	    copy_part(u, CURLUPART_HOST, url->host, sizeof(url->host)) == -1 ||
	    url->host[0] == '\0' ||
	    copy_part(u, CURLUPART_PORT, url->port, sizeof(url->port)) == -1 ||
	    copy_part(u, CURLUPART_PATH, url->path, sizeof(url->path)) == -1)
		return -1;
	if (is_default_port(url))
		url->port[0] = '\0';
	if ((size_t)snprintf(url->authority, sizeof(url->authority), "%s%s%s",
		url->host, url->port[0] != '\0' ? ":" : "",
		url->port) >= sizeof(url->authority))
		return -1;
	strip_brackets(url->host);
	return 0;
}

int
http_split_url(const char *url, struct http_url *ret)
{
	struct http_url parts;
	const unsigned char *p;
	CURLU *u;
	int result = -1;

	for (p = (const unsigned char *)url; *p != '\0'; p++)
		if (*p <= ' ' || *p == 0x7F)
			return -1;
	if ((u = curl_url()) == NULL)
		abort(); /* out of memory */
	if (curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK)
		result = split_into(u, &parts);
	curl_url_cleanup(u);
	if (result == 0)
		*ret = parts;
	return result;
}

bool
http_host_is_loopback(const char *host)
{
	struct in_addr address;

	if (strcasecmp(host, "localhost") == 0 || strcmp(host, "::1") == 0)
		return true;
	return inet_pton(AF_INET, host, &address) == 1 &&
	    ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
}
