/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Signing, step by step, against three oracles: vectors of our own, whose
 * signatures come from another implementation; AWS's published test suite and
 * SQS examples, where they are at hand; and the openssl command, for which
 * t/5010-sigv4.t calls this program with --print.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>
#include <yajl/yajl_tree.h>

#include "common/base/clock.h"
#include "common/base/xalloc.h"
#include "common/http/sigv4_canonical.h"
#include "t/unit/tap.h"

#include "common/base/banned.h"

#define EMPTY_SHA256                                                           \
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define DATE "20260228T235959Z"

enum {
	HEADERS_MAX = 16
};

static const struct sigv4_key key = { "AKIDINVENTED",
	"an/invented+secret0123456789abcdefghijkl", "eu-west-1", "sqs" };

/* ---- our own vectors ---- */

/* The canonical request of a GET with this path, query and headers. */
static void
is_canonical(const char *path, const char *query,
    const struct sigv4_header *headers, size_t n, const char *want,
    const char *name)
{
	const struct sigv4_request r = { .method = "GET",
		.path = path,
		.query = query,
		.headers = headers,
		.n_headers = n,
		.payload = { "", 0 },
		.normalize_path = true };
	struct buf got = BUF_INIT(4096);

	sigv4_canonical_put_request(&r, &got);
	is_str(buf_str(&got), want, name);
	buf_release(&got);
}

static void
test_paths(void)
{
	static const struct {
		const char *path, *want, *name;
	} cases[] = {
		{ "", "/", "an empty path is a slash" },
		{ "/", "/", "the root stays" },
		{ "a", "/a", "a path without its slash gets one" },
		{ "//a///b", "/a/b", "runs of slashes are one" },
		{ "/a/b/", "/a/b/", "a slash at the end stays" },
		{ "/a/./b", "/a/b", "a dot goes" },
		{ "/a/.", "/a", "a dot at the end goes" },
		{ "/a/../b", "/b", "two dots take their parent along" },
		{ "/../../b", "/b", "two dots stop at the root" },
		{ "/a/..", "/", "nothing left is the root" },
		{ "/a/../", "/", "nothing left and a slash is the root" },
		{ "/...", "/...", "three dots are a name" },
		{ "/a%20b", "/a%2520b", "what is encoded is encoded again" },
		{ "/-._~AZaz09", "/-._~AZaz09", "unreserved bytes stay" },
		{ "/\xC3\xA9+,", "/%C3%A9%2B%2C", "other bytes are encoded" },
	};
	const struct sigv4_header host = { "host", { "h", 1 } };
	char want[256];
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		(void)snprintf(want, sizeof(want),
		    "GET\n%s\n\nhost:h\n\nhost\n" EMPTY_SHA256, cases[i].want);
		is_canonical(cases[i].path, "", &host, 1, want, cases[i].name);
	}
}

static void
test_queries(void)
{
	static const struct {
		const char *query, *want, *name;
	} cases[] = {
		{ "a", "a=", "a name alone has an empty value" },
		{ "a=", "a=", "an empty value stays empty" },
		{ "=a", "=a", "a value may lack its name" },
		{ "b=1&a=2", "a=2&b=1", "names are sorted" },
		{ "a=2&a=1", "a=1&a=2", "values of one name are sorted" },
		{ "a-=0&a=1", "a=1&a-=0", "a name comes before a longer one" },
		{ "b=&B=", "B=&b=", "upper case comes first" },
		{ "a=%2f%7E", "a=%2F~", "what is encoded is encoded our way" },
		{ "a=/%", "a=%2F%25", "slash and a lone percent are encoded" },
		{ "a=%4", "a=%254", "half an escape is a percent" },
		{ "a=b+c d", "a=b%2Bc%20d", "plus is a plus, space is %20" },
		{ "a=b=c", "a=b%3Dc", "only the first equals sign divides" },
		{ "&&a=1&", "a=1", "empty parameters go" },
	};
	const struct sigv4_header host = { "host", { "h", 1 } };
	char want[256];
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		(void)snprintf(want, sizeof(want),
		    "GET\n/\n%s\nhost:h\n\nhost\n" EMPTY_SHA256, cases[i].want);
		is_canonical("/", cases[i].query, &host, 1, want,
		    cases[i].name);
	}
}

static void
test_headers(void)
{
	const struct sigv4_header headers[] = {
		{ "X-b", span_of("2") },
		{ "x-B", span_of("1") },
		{ "Host", span_of("  h\t") },
		{ "x-a-longer", span_of("") },
		{ "X-A", span_of(" a  \"b   c\"\r\n\td ") },
	};

	is_canonical("/", "", headers, nitems(headers),
	    "GET\n/\n\n"
	    "host:h\n"
	    "x-a:a \"b c\" d\n"
	    "x-a-longer:\n"
	    "x-b:2,1\n"
	    "\n"
	    "host;x-a;x-a-longer;x-b\n" EMPTY_SHA256,
	    "headers are lower case, sorted, joined and trimmed");
}

static const struct sigv4_header delete_headers[] = {
	{ "X-Amz-Date", { DATE, 16 } },
	{ "Host", { "sqs.eu-west-1.amazonaws.com", 27 } },
	{ "Content-Type", { "application/x-amz-json-1.0", 26 } },
	{ "X-Amz-Target", { "AmazonSQS.DeleteMessage", 23 } },
	{ "x-amzn-query-mode", { "true", 4 } },
	{ "X-Amz-Security-Token", { "FwoGZXIvYXdzE//==", 17 } },
};
static const struct sigv4_request delete_request = {
	.method = "POST",
	.path = "/",
	.query = "",
	.headers = delete_headers,
	.n_headers = nitems(delete_headers),
	.payload = { "{\"QueueUrl\":\"u\"}", 16 },
	.normalize_path = true,
};
static const char delete_authorization[] =
    "AWS4-HMAC-SHA256 Credential=AKIDINVENTED/20260228/eu-west-1/sqs/"
    "aws4_request, SignedHeaders=content-type;host;x-amz-date;"
    "x-amz-security-token;x-amz-target;x-amzn-query-mode, Signature="
    "82c40b7572993d0bc79fcb97aa39604b0f8b5e85cb3b8f173ed87c5e9e4ff861";

static void
is_authorization(const struct sigv4_request *r, const struct sigv4_key *k,
    const char *date, struct sigv4_cache *cache, const char *want,
    const char *name)
{
	struct buf got = BUF_INIT(4096);

	is_int(sigv4_authorization(r, k, date, cache, &got), 0, name);
	is_str(buf_str(&got), want, name);
	buf_release(&got);
}

static void
test_signatures(void)
{
	const struct sigv4_header headers[] = {
		{ "x-list", span_of("b  c") },
		{ "host", span_of("localhost:4566") },
		{ "x-list", span_of("a") },
		{ "x-amz-date", span_of(DATE) },
	};
	const struct sigv4_request get = { .method = "GET",
		.path = "/x/../a%20b/./c/",
		.query = "c&b%2f=%20+&a-=0&a=2&a=1",
		.headers = headers,
		.n_headers = nitems(headers),
		.payload = { "", 0 },
		.normalize_path = true };

	is_authorization(&delete_request, &key, DATE, NULL,
	    delete_authorization, "a call to SQS with a session token");
	is_authorization(&get, &key, DATE, NULL,
	    "AWS4-HMAC-SHA256 Credential=AKIDINVENTED/20260228/eu-west-1/sqs/"
	    "aws4_request, SignedHeaders=host;x-amz-date;x-list, Signature="
	    "ba9a1d52de894d61466ed78145e4085a55c55c5941d922c28ebb92b8fbe4e615",
	    "a request with everything that needs to be put in order");
}

/* ---- the cache of signing keys ---- */

/* Signs with and without the cache, which must not be told apart. */
static void
is_same_with_cache(const struct sigv4_key *k, const char *date,
    struct sigv4_cache *cache, const char *name)
{
	struct buf without = BUF_INIT(4096);

	is_int(sigv4_authorization(&delete_request, k, date, NULL, &without), 0,
	    name);
	is_authorization(&delete_request, k, date, cache, buf_str(&without),
	    name);
	buf_release(&without);
}

static void
test_cache(void)
{
	struct sigv4_key other = key;
	struct sigv4_cache cache = { 0 };
	static const struct sigv4_cache empty;
	char id[300];

	is_same_with_cache(&key, DATE, &cache, "an empty cache is filled");
	ok(cache.valid, "the key is in the cache");
	is_same_with_cache(&key, DATE, &cache, "a key from the cache signs");
	cache.key[0] ^= 1;
	{
		struct buf got = BUF_INIT(4096);

		sigv4_authorization(&delete_request, &key, DATE, &cache, &got);
		ok(strcmp(buf_str(&got), delete_authorization) != 0,
		    "the cached key is what signs");
		buf_release(&got);
	}
	cache.key[0] ^= 1;
	is_same_with_cache(&key, "20260301T000000Z", &cache,
	    "a new day drops the key");
	other.secret_access_key = "another secret";
	is_same_with_cache(&other, "20260301T000000Z", &cache,
	    "a new secret under the same id drops the key");
	other.access_key_id = "AKIDOTHER";
	is_same_with_cache(&other, "20260301T000000Z", &cache,
	    "a new id drops the key");
	other.region = "eu-west-2";
	is_same_with_cache(&other, "20260301T000000Z", &cache,
	    "a new region drops the key");
	other.service = "sts";
	is_same_with_cache(&other, "20260301T000000Z", &cache,
	    "a new service drops the key");
	memset(id, 'A', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	other.access_key_id = id;
	is_same_with_cache(&other, "20260301T000000Z", &cache,
	    "an id too long for the cache signs without");
	sigv4_cache_release(&cache);
	ok(memcmp(&cache, &empty, sizeof(cache)) == 0,
	    "a released cache holds nothing");
	sigv4_cache_release(NULL);
}

static void
test_limits(void)
{
	struct buf small = BUF_INIT(100), large = BUF_INIT(4096);
	struct sigv4_request endless = delete_request;
	char *path;
	char date[SIGV4_DATE_SIZE];

	is_int(sigv4_authorization(&delete_request, &key, DATE, NULL, &small),
	    -1, "a buffer that is too small is an error");
	buf_release(&small);
	endless.normalize_path = false;
	path = xmalloc(2 << 20);
	memset(path, '/', 2 << 20);
	path[(2 << 20) - 1] = '\0';
	endless.path = path;
	is_int(sigv4_authorization(&endless, &key, DATE, NULL, &large), -1,
	    "a request without end is an error");
	free(path);
	buf_release(&large);
	endless.path = "a b";
	sigv4_canonical_put_request(&endless, &large);
	ok(strncmp(buf_str(&large), "POST\n/a%20b\n", 12) == 0,
	    "a path that is not normalised gets its slash too");
	buf_release(&large);
	sigv4_format_date(1440938160123, date);
	is_str(date, "20150830T123600Z", "a time is written in basic form");
	sigv4_format_date(0, date);
	is_str(date, "19700101T000000Z", "the epoch is a time");
	sigv4_format_date(INT64_MAX, date);
	is_int(strlen(date), 16, "a time out of range has the usual length");
}

/* ---- AWS's published vectors ---- */

static const char *
shared_data(void)
{
	static char path[1024];
	const char *shared = getenv("SQSHERD_SHARED");

	(void)snprintf(path, sizeof(path), "%s/reference/data",
	    shared != NULL ? shared : "../shared");
	return path;
}

/* A whole file, to be freed; NULL if it cannot be read. */
static char *
read_file(const char *directory, const char *name)
{
	char path[2048];
	struct buf b = BUF_INIT(1 << 20);
	FILE *f;
	size_t n;
	char *room;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	if ((f = fopen(path, "rb")) == NULL)
		return NULL;
	while ((room = buf_reserve(&b, 4096)) != NULL &&
	    (n = fread(room, 1, 4096, f)) > 0)
		b.len += n;
	fclose(f);
	if (b.data != NULL)
		b.data[b.len] = '\0';
	return b.data;
}

static const char *
json_text(yajl_val tree, const char *name)
{
	const char *path[] = { name, NULL };

	return YAJL_GET_STRING(yajl_tree_get(tree, path, yajl_t_string));
}

static const char *
json_text_in(yajl_val tree, const char *outer, const char *name)
{
	const char *path[] = { outer, name, NULL };

	return YAJL_GET_STRING(yajl_tree_get(tree, path, yajl_t_string));
}

static bool
json_true(yajl_val tree, const char *name)
{
	const char *path[] = { name, NULL };

	return YAJL_IS_TRUE(yajl_tree_get(tree, path, yajl_t_any));
}

/* A request file taken apart in place. */
struct suite_request {
	struct sigv4_header headers[HEADERS_MAX];
	struct sigv4_request r;
};

/* Ends the token that begins at p at the first of these bytes. */
static char *
cut(char *p, const char *at)
{
	p += strcspn(p, at);
	if (*p == '\0')
		return p;
	*p = '\0';
	return p + 1;
}

/* Where the header at p ends; lines that begin with a blank are its own. */
static char *
header_end(char *p)
{
	p += strcspn(p, "\n");
	while (*p == '\n' && (p[1] == ' ' || p[1] == '\t'))
		p += 1 + strcspn(p + 1, "\n");
	return p;
}

static void
parse_request(char *text, struct suite_request *ret)
{
	char *line = text, *rest, *path, *end;
	struct sigv4_request *r = &ret->r;

	rest = cut(line, "\n");
	r->method = line;
	path = cut(line, " ");
	*strrchr(path, ' ') = '\0'; /* " HTTP/1.1"; paths hold spaces */
	r->path = path;
	r->query = cut(path, "?");
	r->headers = ret->headers;
	r->n_headers = 0;
	for (; *rest != '\n' && *rest != '\0'; rest = end) {
		struct sigv4_header *h = &ret->headers[r->n_headers++];
		char *value;

		end = header_end(rest);
		if (*end != '\0')
			*end++ = '\0';
		h->name = rest;
		value = cut(rest, ":");
		h->value = span_of(value);
	}
	r->payload = span_of(*rest == '\n' ? rest + 1 : rest);
}

static void
add_header(struct suite_request *s, const char *name, const char *value)
{
	if (value != NULL)
		s->headers[s->r.n_headers++] =
		    (struct sigv4_header){ name, span_of(value) };
}

static void
hex_sha256(struct span s, char ret[SIGV4_HEX_SIZE])
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	int i;

	SHA256((const unsigned char *)s.p, s.len, digest);
	for (i = 0; i < SHA256_DIGEST_LENGTH; i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}

/* "2015-08-30T12:36:00Z" without its punctuation. */
static void
basic_date(const char *iso, char ret[SIGV4_DATE_SIZE])
{
	int64_t ms = 0;

	(void)clock_parse_iso(iso, &ms);
	sigv4_format_date(ms, ret);
}

/* The value of the Authorization header of a signed request. */
static const char *
authorization_in(char *signed_request)
{
	char *at = strstr(signed_request, "Authorization:");

	if (at == NULL)
		return "none";
	at += strlen("Authorization:");
	cut(at, "\n");
	return at;
}

static void
check_steps(const char *dir, const struct sigv4_request *r,
    const struct sigv4_key *k, const char *date, const char *name)
{
	struct buf canonical = BUF_INIT(1 << 16), text = BUF_INIT(1 << 16),
		   authorization = BUF_INIT(1 << 16);
	char *want, title[320];

	sigv4_canonical_put_request(r, &canonical);
	want = read_file(dir, "header-canonical-request.txt");
	(void)snprintf(title, sizeof(title), "%s: canonical request", name);
	is_str(buf_str(&canonical), want, title);
	free(want);

	sigv4_string_to_sign(k, date, buf_span(&canonical), &text);
	want = read_file(dir, "header-string-to-sign.txt");
	(void)snprintf(title, sizeof(title), "%s: string to sign", name);
	is_str(buf_str(&text), want, title);
	free(want);

	(void)sigv4_authorization(r, k, date, NULL, &authorization);
	want = read_file(dir, "header-signed-request.txt");
	(void)snprintf(title, sizeof(title), "%s: authorization", name);
	is_str(buf_str(&authorization),
	    want != NULL ? authorization_in(want) : NULL, title);
	free(want);

	buf_release(&canonical);
	buf_release(&text);
	buf_release(&authorization);
}

static void
check_folder(const char *dir, const char *name)
{
	struct suite_request s = { 0 };
	char date[SIGV4_DATE_SIZE], hash[SIGV4_HEX_SIZE], error[256];
	char *context = read_file(dir, "context.json");
	char *request = read_file(dir, "request.txt");
	yajl_val tree = context == NULL
	    ? NULL
	    : yajl_tree_parse(context, error, sizeof(error));
	struct sigv4_key k;

	if (!ok(tree != NULL && request != NULL, name))
		goto out;
	k.access_key_id = json_text_in(tree, "credentials", "access_key_id");
	k.secret_access_key =
	    json_text_in(tree, "credentials", "secret_access_key");
	k.region = json_text(tree, "region");
	k.service = json_text(tree, "service");
	basic_date(json_text(tree, "timestamp"), date);
	parse_request(request, &s);
	add_header(&s, "X-Amz-Date", date);
	if (!json_true(tree, "omit_session_token"))
		add_header(&s, "X-Amz-Security-Token",
		    json_text_in(tree, "credentials", "token"));
	hex_sha256(s.r.payload, hash);
	if (json_true(tree, "sign_body"))
		add_header(&s, "x-amz-content-sha256", hash);
	s.r.normalize_path = json_true(tree, "normalize");
	check_steps(dir, &s.r, &k, date, name);
out:
	yajl_tree_free(tree);
	free(context);
	free(request);
}

static void
test_suite(void)
{
	char root[1100], dir[2048];
	DIR *d;
	struct dirent *entry;
	struct stat st;
	int folders = 0;

	(void)snprintf(root, sizeof(root), "%s/sigv4-test-suite",
	    shared_data());
	if ((d = opendir(root)) == NULL) {
		tap_skip("AWS's test suite", "the data is not in ../shared");
		return;
	}
	while ((entry = readdir(d)) != NULL) {
		(void)snprintf(dir, sizeof(dir), "%s/%s", root, entry->d_name);
		if (entry->d_name[0] == '.' || stat(dir, &st) == -1 ||
		    !S_ISDIR(st.st_mode))
			continue;
		check_folder(dir, entry->d_name);
		folders++;
	}
	closedir(d);
	is_int(folders, 28, "every folder of AWS's test suite was run");
}

static void
add_all_headers(struct suite_request *s, yajl_val headers)
{
	size_t i;

	for (i = 0; i < headers->u.object.len && i < HEADERS_MAX - 1; i++)
		add_header(s, headers->u.object.keys[i],
		    YAJL_GET_STRING(headers->u.object.values[i]));
}

static void
check_sqs_case(yajl_val tree, yajl_val headers, yajl_val one)
{
	struct suite_request s = { 0 };
	struct sigv4_key k = { json_text(tree, "access_key_id"),
		json_text(tree, "secret_access_key"), json_text(tree, "region"),
		json_text(tree, "service") };
	struct buf canonical = BUF_INIT(1 << 16), got = BUF_INIT(1 << 16);
	char hash[SIGV4_HEX_SIZE];
	const char *at;

	s.r = (struct sigv4_request){ .method = json_text(tree, "method"),
		.path = json_text(tree, "path"),
		.query = json_text(tree, "query"),
		.headers = s.headers,
		.payload = span_of(json_text(tree, "body")),
		.normalize_path = true };
	add_all_headers(&s, headers);
	add_header(&s, "X-Amz-Security-Token", json_text(one, "session_token"));
	sigv4_canonical_put_request(&s.r, &canonical);
	hex_sha256(buf_span(&canonical), hash);
	is_str(hash, json_text(one, "canonical_request_sha256"),
	    "an SQS example's canonical request");
	(void)sigv4_authorization(&s.r, &k, json_text(tree, "timestamp"), NULL,
	    &got);
	at = strstr(buf_str(&got), "Signature=");
	is_str(at != NULL ? at + strlen("Signature=") : NULL,
	    json_text(one, "signature"), "an SQS example's signature");
	buf_release(&canonical);
	buf_release(&got);
}

static void
test_sqs_examples(void)
{
	const char *headers_path[] = { "headers", NULL };
	const char *cases_path[] = { "cases", NULL };
	char *text = read_file(shared_data(), "sigv4-sqs-examples.json");
	char error[256];
	yajl_val tree, headers, cases;
	size_t i;

	if (text == NULL) {
		tap_skip("the SQS examples", "the data is not in ../shared");
		return;
	}
	tree = yajl_tree_parse(text, error, sizeof(error));
	headers = yajl_tree_get(tree, headers_path, yajl_t_object);
	cases = yajl_tree_get(tree, cases_path, yajl_t_array);
	ok(headers != NULL && cases != NULL && cases->u.array.len > 0,
	    "there are SQS examples");
	for (i = 0; cases != NULL && i < cases->u.array.len; i++)
		check_sqs_case(tree, headers, cases->u.array.values[i]);
	yajl_tree_free(tree);
	free(text);
}

int
main(int argc, char **argv)
{
	struct buf printed = BUF_INIT(4096);

	if (argc == 2 && strcmp(argv[1], "--print") == 0) {
		if (sigv4_authorization(&delete_request, &key, DATE, NULL,
			&printed) == -1)
			return 1;
		puts(buf_str(&printed));
		buf_release(&printed);
		return 0;
	}
	test_paths();
	test_queries();
	test_headers();
	test_signatures();
	test_cache();
	test_limits();
	test_suite();
	test_sqs_examples();
	return tap_done();
}
