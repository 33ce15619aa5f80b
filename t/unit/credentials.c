/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Credentials: the rules of refreshing without a network and against a clock
 * of the test's own, then every source against a real server on loopback,
 * which is a fork of this program.
 */
#include "common/credentials/credentials.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/xalloc.h"
#include "common/credentials/credentials_container.h"
#include "common/credentials/credentials_imds.h"
#include "common/credentials/credentials_plan.h"
#include "common/credentials/credentials_share.h"
#include "common/credentials/profile_parse.h"
#include "common/credentials/sts.h"
#include "t/unit/shared.h"
#include "t/unit/tap.h"

#include "common/base/banned.h"

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)
#define REAL   INT64_C(1790000000000) /* an epoch time to begin at */

/* ---- an environment of our own ---- */

static struct {
	const char *name, *value;
} environment[8];
static size_t n_environment;

static const char *
get(const char *name)
{
	size_t i;

	for (i = 0; i < n_environment; i++)
		if (strcmp(environment[i].name, name) == 0)
			return environment[i].value;
	return NULL;
}

static void
set(const char *name, const char *value)
{
	environment[n_environment].name = name;
	environment[n_environment++].value = value;
}

static void
unset_all(void)
{
	n_environment = 0;
}

/* ---- when to refresh ---- */

static void
test_windows(void)
{
	static const struct {
		int64_t life_s, refreshed_s;
		const char *name;
	} cases[] = {
		{ 2, 1, "a life of two seconds is refreshed after one" },
		{ 240, 120, "a short life is refreshed after half of it" },
		{ 600, 300, "ten minutes: five before the end" },
		{ 1200, 900, "twenty minutes: five before the end" },
		{ 1201, 301, "more than twenty minutes: fifteen" },
		{ 5399, 4499, "less than ninety minutes: fifteen" },
		{ 5400, 1800, "ninety minutes: an hour before the end" },
		{ 21600, 18000, "six hours: an hour before the end" },
	};
	size_t i;

	for (i = 0; i < nitems(cases); i++)
		is_int(credentials_plan_refresh_at_ms(REAL,
			   REAL + cases[i].life_s * 1000, false, 0) -
			REAL,
		    cases[i].refreshed_s * 1000, cases[i].name);
}

/* A cache of credentials with a clock and a source that we play. */
struct sim {
	struct credentials_state s;
	int64_t now_ms, real_ms;
	double unit;
};

enum sim_cached {
	SIM_NONE,
	SIM_VALID,
	SIM_ADVISORY,
	SIM_MANDATORY,
	SIM_EXPIRED
};

static const char *const cached_names[] = { "none", "valid", "advisory",
	"mandatory", "expired" };

static void
sim_init(struct sim *m, enum sim_cached cached, double unit)
{
	static const int64_t left_ms[] = { 0, 3 * HOUR, HOUR / 2, MINUTE / 2,
		-MINUTE };

	memset(m, 0, sizeof(*m));
	m->now_ms = HOUR;
	m->real_ms = REAL;
	m->unit = unit;
	if (cached == SIM_NONE)
		return;
	m->s.have_keys = true;
	m->s.expiration_ms = REAL + left_ms[cached];
	m->s.refresh_real_ms = m->s.expiration_ms - HOUR;
	m->s.critical_real_ms = m->s.expiration_ms - MINUTE;
}

static void
sim_advance(struct sim *m, int64_t ms)
{
	m->now_ms += ms;
	m->real_ms += ms;
}

/* The source answers a fetch that was decided on. */
static bool
sim_fetch(struct sim *m, const char *answer)
{
	m->s.fetching = true;
	if (strcmp(answer, "fresh") == 0) {
		credentials_plan_succeeded(&m->s, m->real_ms + 6 * HOUR, false,
		    m->now_ms, m->real_ms, m->unit);
		return true;
	}
	credentials_plan_failed(&m->s,
	    strcmp(answer, "fatal") == 0 ? ERROR_OPERATOR : ERROR_RETRY,
	    m->now_ms, m->unit);
	return false;
}

/*
 * A caller wants credentials while the source answers so: "cached", "new" or
 * "fail".  A source that fails does so for all the quick retries.
 */
static const char *
sim_ask(struct sim *m, const char *answer, bool *ret_contacted)
{
	struct credentials_plan plan;

	*ret_contacted = false;
	for (;;) {
		plan = credentials_plan_decide(&m->s, m->now_ms, m->real_ms);
		if (plan.fetch) {
			*ret_contacted = true;
			if (sim_fetch(m, answer))
				return "new";
		} else if (*ret_contacted && m->s.have_keys &&
		    plan.look_at_ms - m->now_ms < 1000) {
			sim_advance(m, plan.look_at_ms - m->now_ms);
			continue;
		}
		if (!m->s.have_keys)
			return "fail";
		if (!plan.fetch)
			return "cached";
	}
}

struct sim_step {
	const char *answer; /* NULL: no more steps */
	const char *use;
	bool contacted;
	int64_t then_ms; /* passes afterwards */
	bool refuse;     /* the service refuses the keys before the step */
};

static void
test_scenarios(void)
{
	static const struct {
		const char *name;
		enum sim_cached cached;
		double unit;
		struct sim_step steps[6]; /* the last is empty */
	} cases[] = {
		{ "valid keys are used, the source is left alone", SIM_VALID, 0,
		    { { "fresh", "cached", false, 0, false } } },
		{ "keys that end within the hour are replaced", SIM_ADVISORY, 0,
		    { { "fresh", "new", true, 0, false },
			{ "fresh", "cached", false, 0, false } } },
		{ "a failed refresh keeps the keys for five minutes",
		    SIM_ADVISORY, 0,
		    { { "error", "cached", true, 299000, false },
			{ "fresh", "cached", false, 1000, false },
			{ "fresh", "new", true, 0, false } } },
		{ "a failed refresh keeps the keys for up to ten minutes",
		    SIM_ADVISORY, 0.999,
		    { { "error", "cached", true, 598000, false },
			{ "fresh", "cached", false, 2000, false },
			{ "fresh", "new", true, 0, false } } },
		{ "keys in their last minute survive a failure", SIM_MANDATORY,
		    0,
		    { { "error", "cached", true, 60000, false },
			{ "error", "cached", false, 240000, false },
			{ "error", "cached", true, 300000, false },
			{ "fresh", "new", true, 0, false } } },
		{ "expired keys are used while the source fails", SIM_EXPIRED,
		    0,
		    { { "error", "cached", true, 300000, false },
			{ "fresh", "new", true, 0, false } } },
		{ "without keys a failure is followed by another try", SIM_NONE,
		    0,
		    { { "error", "fail", true, 0, false },
			{ "fresh", "new", true, 0, false } } },
		{ "without keys the pauses between tries double", SIM_NONE,
		    0.999,
		    { { "error", "fail", true, 200, false },
			{ "error", "fail", true, 400, false },
			{ "error", "fail", true, 700, false },
			{ "error", "fail", false, 100, false },
			{ "fresh", "new", true, 0, false } } },
		{ "a setting that is wrong is looked at again in seconds",
		    SIM_NONE, 0.999,
		    { { "fatal", "fail", true, 4900, false },
			{ "fresh", "fail", false, 100, false },
			{ "fresh", "new", true, 0, false } } },
		{ "a setting that became wrong does not take the keys away",
		    SIM_MANDATORY, 0,
		    { { "fatal", "cached", true, 900, false },
			{ "fresh", "cached", false, 100, false },
			{ "fresh", "new", true, 0, false } } },
		{ "refused keys are replaced at once", SIM_VALID, 0,
		    { { "fresh", "new", true, 2000, true },
			{ "fresh", "cached", false, 0, false } } },
		{ "refused keys are used while the source fails", SIM_VALID, 0,
		    { { "error", "cached", true, 0, true },
			{ "fresh", "cached", false, 300000, true },
			{ "fresh", "new", true, 0, false } } },
		{ "new keys that are refused too are replaced a second later",
		    SIM_VALID, 0,
		    { { "fresh", "new", true, 0, true },
			{ "fresh", "cached", false, 1000, true },
			{ "fresh", "new", true, 0, false } } },
	};
	const struct sim_step *step;
	struct sim m;
	bool contacted;
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		sim_init(&m, cases[i].cached, cases[i].unit);
		for (step = cases[i].steps; step->answer != NULL; step++) {
			m.s.refused = m.s.refused || step->refuse;
			is_str(sim_ask(&m, step->answer, &contacted), step->use,
			    cases[i].name);
			is_int(contacted, step->contacted, cases[i].name);
			sim_advance(&m, step->then_ms);
		}
	}
}

static void
test_plans(void)
{
	struct sim m;
	struct credentials_plan plan;
	int looks;

	sim_init(&m, SIM_VALID, 0);
	plan = credentials_plan_decide(&m.s, m.now_ms, m.real_ms);
	is_int(plan.look_at_ms - m.now_ms, MINUTE,
	    "a plan for later is made anew after a minute");
	m.real_ms += 3 * HOUR;
	ok(credentials_plan_decide(&m.s, m.now_ms, m.real_ms).fetch,
	    "a jump of the wall clock past the end is noticed");

	sim_init(&m, SIM_ADVISORY, 0);
	m.s.fetching = true;
	plan = credentials_plan_decide(&m.s, m.now_ms, m.real_ms);
	ok(!plan.fetch && plan.look_at_ms == CLOCK_NEVER,
	    "one fetch at a time");

	sim_init(&m, SIM_VALID, 0);
	m.s.expiration_ms = 0;
	plan = credentials_plan_decide(&m.s, m.now_ms, m.real_ms);
	ok(!plan.fetch && plan.look_at_ms == CLOCK_NEVER,
	    "keys that never expire need no look");
	m.s.refused = true;
	ok(credentials_plan_decide(&m.s, m.now_ms, m.real_ms).fetch,
	    "but they are fetched again when refused");

	sim_init(&m, SIM_ADVISORY, 0);
	credentials_plan_failed(&m.s, ERROR_RETRY, m.now_ms, 0);
	credentials_plan_failed(&m.s, ERROR_RETRY, m.now_ms, 0);
	credentials_plan_succeeded(&m.s, REAL, false, m.now_ms, m.real_ms, 0);
	credentials_plan_failed(&m.s, ERROR_RETRY, m.now_ms, 0);
	is_int(m.s.not_before_ms, m.now_ms,
	    "a success gives the next refresh its quick tries back");

	sim_init(&m, SIM_MANDATORY, 1);
	m.s.strict = true;
	for (looks = 0; looks < 12; looks++) {
		credentials_plan_failed(&m.s, ERROR_RETRY, m.now_ms, m.unit);
		if (m.s.not_before_ms > m.now_ms + 10000)
			break;
	}
	is_int(looks, 12,
	    "keys that are useless afterwards are never given up for minutes");

	sim_init(&m, SIM_NONE, 0);
	credentials_plan_succeeded(&m.s, m.real_ms + 3 * MINUTE, false,
	    m.now_ms, m.real_ms, 0);
	plan = credentials_plan_decide(&m.s, m.now_ms, m.real_ms);
	for (looks = 0; !plan.fetch && looks < 10; looks++) {
		sim_advance(&m, plan.look_at_ms - m.now_ms);
		plan = credentials_plan_decide(&m.s, m.now_ms, m.real_ms);
	}
	is_int(m.real_ms - REAL, 3 * MINUTE / 2,
	    "following the plans leads to the refresh at its time");
	is_int(looks, 2, "with a look a minute");
}

/* ---- scenarios that AWS's SDKs share, where they are at hand ---- */

static void
shared_step(struct sim *m, const char *key, yajl_val step, const char *name)
{
	const char *source = shared_text(step, "source");
	const char *use = shared_text(step, "use");
	yajl_val advance = shared_member(step, "advance_s");
	bool contacted;

	if (YAJL_IS_INTEGER(advance))
		sim_advance(m, YAJL_GET_INTEGER(advance) * 1000);
	if (shared_text(step, "invalidate") != NULL)
		m->s.refused = m->s.refused ||
		    strcmp(shared_text(step, "invalidate"), key) == 0;
	if (source == NULL)
		return;
	/* Where the SDKs raise an error though there are keys, we go on with
	   the keys: a worker must keep what it holds. */
	if (strcmp(source, "fatal") == 0 && m->s.have_keys)
		use = "cached";
	is_str(sim_ask(m, source, &contacted), use, name);
	is_int(contacted, YAJL_IS_TRUE(shared_member(step, "contacted")), name);
}

static void
shared_scenario(yajl_val scenario)
{
	yajl_val backoff = shared_member(scenario, "backoff_s");
	yajl_val steps = shared_member(scenario, "steps");
	const char *cached = shared_text(scenario, "state");
	size_t i, n = nitems(cached_names);
	struct sim m;

	for (i = 0; i < n && strcmp(cached_names[i], cached) != 0; i++)
		;
	sim_init(&m, i < n ? (enum sim_cached)i : SIM_NONE,
	    YAJL_IS_INTEGER(backoff)
		? (double)(YAJL_GET_INTEGER(backoff) - 300) / 300
		: 0);
	for (i = 0; i < steps->u.array.len; i++)
		shared_step(&m, shared_text(scenario, "key"),
		    steps->u.array.values[i], cached);
}

static void
test_shared_scenarios(void)
{
	yajl_val tree = shared_json("credential-refresh-vectors.json");
	yajl_val scenarios;
	size_t i;

	if (tree == NULL) {
		tap_skip("the SDKs' refresh scenarios", shared_absent);
		return;
	}
	scenarios = shared_member(tree, "scenarios");
	for (i = 0; i < scenarios->u.array.len; i++)
		shared_scenario(scenarios->u.array.values[i]);
	yajl_tree_free(tree);
}

/* ---- where to ask ---- */

static void
test_urls(void)
{
	static const struct {
		const char *url;
		bool allowed;
	} cases[] = {
		/* the URLs are the names of the checks */
		{ "https://example.com/creds", true },
		{ "http://example.com/creds", false },
		{ "http://localhost:8080/creds?a=1", true },
		{ "http://localhost.example.com/creds", false },
		{ "http://127.0.0.1/creds", true },
		{ "http://127.255.0.9/creds", true },
		{ "http://[::1]:99/creds", true },
		{ "http://169.254.170.2/v2/creds", true },
		{ "http://169.254.170.23/v1/creds", true },
		{ "http://169.254.170.24/v1/creds", false },
		{ "http://[fd00:ec2::23]/v1/creds", true },
		{ "http://[fd00:ec2::24]/v1/creds", false },
		{ "http://[FD00:EC2::23]/v1/creds", true },
		{ "http://169.254.170.2@example.com/", false },
		{ "http://example.com\\@127.0.0.1/", false },
		{ "http:///127.0.0.1/", false },
		{ "http://example.com#@169.254.170.2/", false },
		{ "http://169.254.170.2.example.com/", false },
		{ "ftp://127.0.0.1/creds", false },
		{ "file:///etc/passwd", false },
		{ "http://127.0.0.1/creds\tX", false },
		{ "/creds", false },
		{ "", false },
	};
	size_t i;

	for (i = 0; i < nitems(cases); i++)
		is_int(credentials_container_url_allowed(cases[i].url),
		    cases[i].allowed, cases[i].url);
}

static void
is_url(char *(*url_of)(credentials_getenv_fn *, struct error *),
    const char *want, const char *want_error, const char *name)
{
	struct error e = { .text = "" };
	char *url = url_of(get, &e);

	is_str(url, want, name);
	is_str(e.text, want_error, name);
	is_int(e.kind, want == NULL ? ERROR_OPERATOR : ERROR_NONE, name);
	free(url);
	unset_all();
}

static void
test_settings(void)
{
	set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x?id=1");
	set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/y");
	is_url(credentials_container_url, "http://169.254.170.2/v2/x?id=1", "",
	    "the relative URI goes before the full one");
	set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@example.com/");
	is_url(credentials_container_url, NULL,
	    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with a "
	    "slash",
	    "a relative URI cannot name another host");
	set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com/y");
	is_url(credentials_container_url, NULL,
	    "AWS_CONTAINER_CREDENTIALS_FULL_URI is not an https URL, nor an "
	    "http URL of a loopback address, 169.254.170.2, 169.254.170.23 or "
	    "fd00:ec2::23",
	    "plain http to any host is refused");

	is_url(credentials_imds_base, "http://169.254.169.254", "",
	    "the metadata service has its address");
	set("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipV6");
	is_url(credentials_imds_base, "http://[fd00:ec2::254]", "",
	    "and one of IPv6");
	set("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv5");
	is_url(credentials_imds_base, NULL,
	    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is neither IPv4 nor IPv6",
	    "there is no other mode");
	set("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv5");
	set("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:99//");
	is_url(credentials_imds_base, "http://127.0.0.1:99", "",
	    "an endpoint goes before the mode, its last slash goes");
	set("AWS_EC2_METADATA_SERVICE_ENDPOINT", "127.0.0.1 or so");
	is_url(credentials_imds_base, NULL,
	    "AWS_EC2_METADATA_SERVICE_ENDPOINT is not an http or https URL",
	    "an endpoint must be a URL");
	set("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1/?a=b");
	is_url(credentials_imds_base, NULL,
	    "AWS_EC2_METADATA_SERVICE_ENDPOINT is not an http or https URL",
	    "to which a path can be appended");
	set("AWS_EC2_METADATA_DISABLED", "True");
	is_url(credentials_imds_base, NULL, "AWS_EC2_METADATA_DISABLED is true",
	    "the metadata service can be switched off");
	set("AWS_EC2_METADATA_DISABLED", "false");
	is_url(credentials_imds_base, "http://169.254.169.254", "",
	    "false does not switch it off");
}

/* ---- the documents ---- */

static void
is_document(const char *document, const char *want, const char *name)
{
	struct error e = { .text = "" };
	struct credentials_keys *k;
	char got[512];

	k = credentials_keys_parse(span_of(document), &e);
	if (k != NULL)
		(void)snprintf(got, sizeof(got), "%s %s %s %lld",
		    k->access_key_id, k->secret_access_key,
		    k->session_token != NULL ? k->session_token : "-",
		    (long long)k->expiration_ms);
	else
		(void)snprintf(got, sizeof(got), "%s: %s",
		    error_kind_name(e.kind), e.text);
	is_str(got, want, name);
	credentials_keys_free(k);
}

#define KEYS "\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S\""

static void
test_documents(void)
{
	is_document("{" KEYS ",\"Token\":\"T\",\"Expiration\":"
		    "\"2026-01-02T03:04:05Z\",\"Code\":\"Success\",\"Type\":"
		    "\"AWS-HMAC\",\"LastUpdated\":\"2026-01-01T00:00:00Z\"}",
	    "A S T 1767323045000", "the answer of the metadata service");
	is_document("{\"RoleArn\":\"arn\"," KEYS ",\"Token\":\"T\","
		    "\"Expiration\":\"2026-01-02T04:04:05+01:00\"}",
	    "A S T 1767323045000", "the answer of a container endpoint");
	is_document("{\"accesskeyid\":\"A\",\"SECRETACCESSKEY\":\"S\","
		    "\"sessionToken\":\"T\"}",
	    "A S T 0", "names in any case, and the token's other name");
	is_document("{" KEYS "}", "A S - 0", "keys alone are enough");
	is_document("{" KEYS ",\"Token\":null,\"Expiration\":null}", "A S - 0",
	    "null is as good as absent");
	is_document("{" KEYS ",\"SecretAccessKey\":\"S2\"}", "A S2 - 0",
	    "of two the last counts");
	is_document("{" KEYS ",\"x\":{\"AccessKeyId\":\"B\",\"y\":[\"C\"]}}",
	    "A S - 0", "only the outermost members count");
	is_document("{" KEYS ",\"Token\":{\"a\":\"T\"}}", "A S - 0",
	    "an object is no token");
	is_document(
	    "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"\\/\\u0041\"}",
	    "A /A - 0", "escapes are undone");
	is_document("{" KEYS ",\"Expiration\":\"1960-01-01T00:00:00Z\"}",
	    "A S - 1", "a time before the epoch is not 'never'");
	is_document("{\"Code\":\"Failed\",\"Message\":\"so\\nwhat\"," KEYS "}",
	    "retry: Failed: so what", "another code is a failure");
	is_document("{\"Code\":\"AssumeRoleUnauthorizedAccess\"}",
	    "operator: AssumeRoleUnauthorizedAccess",
	    "a role that EC2 may not assume needs a person");
	is_document("{\"SecretAccessKey\":\"S\"}",
	    "retry: answer has no AccessKeyId", "an id is needed");
	is_document("{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"\"}",
	    "retry: answer has no SecretAccessKey", "a secret is needed");
	is_document("{\"AccessKeyId\":1,\"SecretAccessKey\":\"S\"}",
	    "retry: answer has no AccessKeyId", "a number is no id");
	is_document("{\"AccessKeyId\":\"A\\u0000\",\"SecretAccessKey\":\"S\"}",
	    "retry: answer has no AccessKeyId", "an id with a NUL is none");
	is_document("{" KEYS ",\"Token\":\"T\\r\\nX-Evil: 1\"}",
	    "retry: answer has an AccessKeyId or Token that no header can "
	    "hold",
	    "a token cannot bring headers along");
	is_document("{" KEYS ",\"Expiration\":\"tomorrow\"}",
	    "retry: answer has an Expiration that is not a time",
	    "an expiration is a time");
	is_document("[\"AccessKeyId\",\"SecretAccessKey\"]",
	    "retry: answer has no AccessKeyId", "an array is no answer");
}

/* ---- a server on loopback ---- */

#define HEAD        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
#define REPLY(code) "HTTP/1.1 " code " X\r\nConnection: close\r\n\r\n"
#define EXPIRES     ",\"Expiration\":\"2099-01-01T00:00:00Z\""
#define ANSWER(id, more)                                                       \
	HEAD "{\"AccessKeyId\":\"" id "\",\"SecretAccessKey\":\"S\","          \
	     "\"Token\":\"T\"" more "}"

struct exchange {
	const char *want;     /* lines that the request must hold, by '|' */
	const char *unwanted; /* text that it must not hold; NULL */
	const char *answer;   /* "": none, and the connection is closed */
};

static struct {
	pid_t pid;
	char url[64];
} server;

static void
read_head(int fd, char *to, size_t size)
{
	size_t len = 0;
	ssize_t n;

	to[0] = '\0';
	while (len < size - 1 && strstr(to, "\r\n\r\n") == NULL &&
	    (n = read(fd, to + len, size - 1 - len)) > 0) {
		len += (size_t)n;
		to[len] = '\0';
	}
}

static bool
is_wanted(const char *head, const struct exchange *x)
{
	const char *p = x->want;
	char line[256];
	size_t n;

	for (; *p != '\0'; p += n + (p[n] == '|')) {
		n = strcspn(p, "|");
		(void)snprintf(line, sizeof(line), "%.*s\r\n", (int)n, p);
		if (strstr(head, line) == NULL)
			return false;
	}
	return x->unwanted == NULL || strstr(head, x->unwanted) == NULL;
}

/* Serves the exchanges in order; exits 0 if all requests were as wanted. */
static _Noreturn void
serve(int listener, const struct exchange *x, size_t n)
{
	static char head[8192];
	int fd, bad = 0;
	size_t i;

	alarm(20);
	for (i = 0; i < n; i++) {
		if ((fd = accept(listener, NULL, NULL)) == -1)
			_exit(2);
		read_head(fd, head, sizeof(head));
		if (!is_wanted(head, &x[i])) {
			bad = 1;
			fprintf(stderr, "# unexpected request:\n%s", head);
		}
		(void)!write(fd, x[i].answer, strlen(x[i].answer));
		close(fd);
	}
	_exit(bad);
}

static void
start_server(const struct exchange *x, size_t n)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&a, len) == -1 ||
	    listen(fd, 8) == -1 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) == -1) {
		perror("# server");
		exit(1);
	}
	(void)snprintf(server.url, sizeof(server.url), "http://127.0.0.1:%u",
	    ntohs(a.sin_port));
	fflush(stdout);
	if ((server.pid = fork()) == 0)
		serve(fd, x, n);
	close(fd);
}

/* All exchanges must have taken place. */
static void
stop_server(const char *name)
{
	int status = -1;

	waitpid(server.pid, &status, 0);
	is_int(status, 0, name);
}

/* ---- the sources ---- */

static struct http *http;
static struct credentials *c;
static unsigned changes;

static void
on_change(void *arg)
{
	(void)arg;
	changes++;
}

static struct credentials *
new_credentials(struct credentials_share *share)
{
	const struct credentials_context context = { .http = http,
		.get = get,
		.region = "eu-west-1",
		.timeout_ms = 5000 };
	struct credentials *new = credentials_new(&context, share);

	credentials_on_change(new, on_change, NULL);
	return new;
}

static void
open_http(void)
{
	const struct http_options o = { .user_agent = "test" };

	http = http_new(&o);
}

static void
open_credentials(void)
{
	open_http();
	c = new_credentials(NULL);
}

static void
close_credentials(void)
{
	credentials_free(c);
	http_free(http);
	unset_all();
}

/* Runs until a fetch has ended; ahead_ms: how late to pretend it is. */
static void
run_fetch(int64_t ahead_ms)
{
	unsigned before = changes;
	int64_t deadline = clock_ms() + 10000;

	while (changes == before && clock_ms() < deadline) {
		credentials_step(c, clock_ms() + ahead_ms, clock_real_ms());
		if (changes == before)
			http_wait(http, NULL, 0, 100);
	}
	is_int(changes, before + 1, "a fetch ended");
}

static void
is_current(const char *want_id, enum error_kind want_kind,
    const char *want_error, const char *name)
{
	const struct credentials_keys *k;
	struct error e;

	k = credentials_current(c, &e);
	is_str(k != NULL ? k->access_key_id : NULL, want_id, name);
	is_int(e.kind, want_kind, name);
	if (!ok(strstr(e.text, want_error) != NULL, name))
		printf("#  got '%s'\n", e.text);
}

/* A fetch of a new cache. */
static void
fetch_once(const char *want_source, const char *want_id,
    enum error_kind want_kind, const char *want_error, const char *name)
{
	open_credentials();
	is_str(credentials_source(c), want_source, name);
	is_current(NULL, ERROR_NONE, "", "before the first fetch: nothing");
	run_fetch(0);
	is_current(want_id, want_kind, want_error, name);
	close_credentials();
}

static void
test_environment(void)
{
	const struct credentials_keys *k;
	struct error e;

	set("AWS_ACCESS_KEY_ID", "AKID");
	set("AWS_SECRET_ACCESS_KEY", "secret");
	set("AWS_SESSION_TOKEN", " ");
	set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x");
	open_credentials();
	is_str(credentials_source(c), "environment",
	    "the environment goes before the container");
	is_int(credentials_deadline(c), 0, "the first fetch is due at once");
	run_fetch(0);
	k = credentials_current(c, &e);
	if (ok(k != NULL, "there are keys")) {
		is_str(k->secret_access_key, "secret", "the secret is there");
		is_str(k->session_token, NULL, "a blank token is unset");
		is_int(k->expiration_ms, 0, "they do not expire");
	}
	ok(credentials_deadline(c) == CLOCK_NEVER, "nothing is left to do");
	credentials_invalidate(c, "AKID", 5);
	is_int(credentials_deadline(c), 5, "a refusal is a reason to look");
	run_fetch(2000);
	is_current("AKID", ERROR_RETRY,
	    "credentials from environment: they are still those that the "
	    "service refused",
	    "keys that stay the same stay in use, and the error says so");
	close_credentials();

	set("AWS_ACCESS_KEY_ID", "AKID");
	set("AWS_SECRET_ACCESS_KEY", "");
	fetch_once("environment", NULL, ERROR_OPERATOR,
	    "AWS_SECRET_ACCESS_KEY is not set", "a secret must be there");
	set("AWS_SECRET_ACCESS_KEY", "secret");
	fetch_once("environment", NULL, ERROR_OPERATOR,
	    "AWS_ACCESS_KEY_ID is not set", "an id must be there");
	set("AWS_ACCESS_KEY_ID", "AKID\r");
	set("AWS_SECRET_ACCESS_KEY", "secret");
	fetch_once("environment", NULL, ERROR_OPERATOR,
	    "AWS_ACCESS_KEY_ID holds a blank or control character",
	    "a carriage return is not part of an id");
	set("AWS_ACCESS_KEY_ID", "");
	set("AWS_SECRET_ACCESS_KEY", " ");
	set("AWS_EC2_METADATA_DISABLED", "true");
	fetch_once("imds", NULL, ERROR_OPERATOR,
	    "no AWS credentials: set AWS_ACCESS_KEY_ID and "
	    "AWS_SECRET_ACCESS_KEY, or give the task or instance a role (imds: "
	    "AWS_EC2_METADATA_DISABLED is true)",
	    "where there is nothing the error says what to do");
}

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "wb");

	if (f != NULL) {
		fputs(text, f);
		fclose(f);
	}
}

/* What is wrong in a file is told with its place. */
static void
test_profile_keys(void)
{
	char path[] = "/tmp/sqsherd-profile-XXXXXX";
	int fd = mkstemp(path);

	close(fd);
	write_file(path,
	    "[default]\naws_access_key_id = AKID\n"
	    "aws_secret_access_key = secret\naws_session_token = token\n"
	    "  X-Evil: 1\n");
	set("AWS_CONFIG_FILE", "/dev/null");
	set("AWS_SHARED_CREDENTIALS_FILE", path);
	fetch_once("profile", NULL, ERROR_OPERATOR,
	    "credentials from profile: credentials file, line 4: "
	    "aws_session_token holds a blank or control character",
	    "a line that goes on brings no header along");
	write_file(path,
	    "[profile default]\naws_access_key_id = AK ID\n"
	    "aws_secret_access_key = secret\n");
	set("AWS_CONFIG_FILE", path);
	set("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
	fetch_once("profile", NULL, ERROR_OPERATOR,
	    "credentials from profile: config file, line 2: aws_access_key_id "
	    "holds a blank or control character",
	    "an id has no blanks");
	unlink(path);
}

static void
is_place(struct aws_endpoint_variant variant, const char *want,
    const char *name)
{
	const struct credentials_context x = { .get = get,
		.region = "eu-west-1",
		.variant = variant };
	const struct span nothing = { "", 0 };
	struct profile_set *profiles;
	struct sts_place place;
	struct error e;

	profiles = profile_parse(span_of("[default]\n"
					 "use_fips_endpoint = true\n"),
	    nothing);
	is_str(sts_find(&x, profiles, &place, &e) == 0 ? place.url : e.text,
	    want, name);
	profile_free(profiles);
	unset_all();
}

static void
test_sts_place(void)
{
	const struct aws_endpoint_variant none = { false, false },
					  fips = { .fips = true },
					  dual = { .dualstack = true };

	set("AWS_USE_FIPS_ENDPOINT", "true");
	is_place(none, "https://sts.eu-west-1.amazonaws.com",
	    "whoever asks says which variant of STS it is");
	is_place(fips, "https://sts-fips.eu-west-1.amazonaws.com",
	    "the FIPS one");
	set("AWS_ENDPOINT_URL_STS", "https://sts.example");
	is_place(none, "https://sts.example", "an endpoint of one's own");
	set("AWS_ENDPOINT_URL_STS", "https://sts.example");
	is_place(fips,
	    "there is no FIPS variant of the endpoint of STS, "
	    "'https://sts.example'",
	    "has no FIPS variant");
	set("AWS_ENDPOINT_URL_STS", "https://sts.example");
	is_place(dual,
	    "there is no dual-stack variant of the endpoint of STS, "
	    "'https://sts.example'",
	    "nor a dual-stack one");
	set("AWS_REGION", "eu-west-1\nX-Evil: 1");
	is_place(none, "the region of STS holds a blank or control character",
	    "a region brings no header along");
}

/* One that keeps no deadline of its own. */
static void
test_endless_fetch(void)
{
	int64_t now_ms = clock_ms(), deadline;

	set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/creds");
	open_credentials();
	credentials_step(c, now_ms, clock_real_ms());
	is_int(http_active(http), 1, "a fetch is under way");
	deadline = credentials_deadline(c);
	credentials_step(c, deadline - 1, clock_real_ms());
	is_current(NULL, ERROR_NONE, "", "for two minutes it is waited for");
	credentials_step(c, deadline, clock_real_ms());
	is_int(http_active(http), 0, "then it is over");
	is_current(NULL, ERROR_RETRY,
	    "credentials from container: nothing came in",
	    "and a failure like others");
	ok(credentials_deadline(c) < deadline, "after which another follows");
	close_credentials();
	unset_all();
}

static void
test_container(void)
{
	static const struct exchange good[] = {
		{ "GET /creds?a=1 HTTP/1.1|Accept: application/json|"
		  "Authorization: Basic abc",
		    NULL, ANSWER("A1", EXPIRES) },
	};
	char url[128];
	int64_t before;

	start_server(good, nitems(good));
	(void)snprintf(url, sizeof(url), "%s/creds?a=1", server.url);
	set("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
	set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc");
	open_credentials();
	is_str(credentials_source(c), "container", "the container is asked");
	before = clock_ms();
	credentials_step(c, before, clock_real_ms());
	ok(credentials_deadline(c) >= before + 2 * MINUTE,
	    "while a fetch is under way there is nothing to do");
	is_current(NULL, ERROR_NONE, "", "and nothing to sign with");
	run_fetch(0);
	is_current("A1", ERROR_NONE, "", "a container endpoint gives keys");
	ok(credentials_deadline(c) >= before + MINUTE - 1000 &&
		credentials_deadline(c) <= clock_ms() + MINUTE,
	    "the clock is looked at in a minute");
	credentials_step(c, clock_ms() + MINUTE, clock_real_ms());
	is_int(http_active(http), 0, "then nothing is due");
	close_credentials();
	stop_server("the request went straight to the endpoint, with token");
}

static void
test_token_file(void)
{
	static const struct exchange rotated[] = {
		{ "Authorization: first", NULL, ANSWER("A1", EXPIRES) },
		{ "Authorization: second", "wrong", ANSWER("A2", EXPIRES) },
	};
	char path[] = "/tmp/sqsherd-token-XXXXXX";
	int fd = mkstemp(path);

	close(fd);
	write_file(path, "first");
	start_server(rotated, nitems(rotated));
	set("AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url);
	set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path);
	set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "wrong");
	open_credentials();
	run_fetch(0);
	is_current("A1", ERROR_NONE, "", "the token file is used");
	write_file(path, "second");
	credentials_invalidate(c, "A0", clock_ms());
	credentials_step(c, clock_ms() + 2000, clock_real_ms());
	is_int(http_active(http), 0, "old news of a refusal is no reason");
	credentials_invalidate(c, "A1", clock_ms());
	run_fetch(2000);
	is_current("A2", ERROR_NONE, "", "and read anew for each fetch");
	write_file(path, "evil\r\nX-Evil: 1");
	credentials_invalidate(c, "A2", clock_ms());
	run_fetch(4000);
	is_current("A2", ERROR_OPERATOR,
	    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE holds a line break or a "
	    "NUL",
	    "a token with a line break is refused, the keys stay");
	write_file(path, "");
	run_fetch(10000);
	is_current("A2", ERROR_OPERATOR,
	    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE is empty",
	    "an empty token file is an error");
	unlink(path);
	run_fetch(20000);
	is_current("A2", ERROR_OPERATOR, ": No such file or directory",
	    "a token file that is gone is an error");
	close_credentials();
	stop_server("each token was that of its time");

	set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1");
	set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\nb");
	fetch_once("container", NULL, ERROR_OPERATOR,
	    "AWS_CONTAINER_AUTHORIZATION_TOKEN holds a line break or a NUL",
	    "nor may the variable hold a line break");
	set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://10.0.0.1/");
	fetch_once("container", NULL, ERROR_OPERATOR,
	    "credentials from container: AWS_CONTAINER_CREDENTIALS_FULL_URI is "
	    "not an https URL",
	    "a URL that is not allowed is not asked");
}

static void
test_failures(void)
{
	static const struct exchange troubled[] = {
		{ "", NULL, "" },
		{ "", NULL, REPLY("503") },
		{ "", NULL, REPLY("429") },
		{ "", NULL, HEAD "{\"AccessKeyId\":" },
		{ "", NULL,
		    ANSWER("A1",
			",\"Expiration\":"
			"\"2020-01-01T00:00:00Z\"") },
		{ "", NULL,
		    REPLY("400") "{\"code\":\"InvalidIdInRequest\",\"message\":"
				 "\"no such task\"}" },
		{ "", NULL, ANSWER("A2", EXPIRES) },
		{ "", NULL, REPLY("500") },
		{ "", NULL, ANSWER("A2", EXPIRES) },
		{ "", NULL, ANSWER("A3", EXPIRES) },
	};

	start_server(troubled, nitems(troubled));
	set("AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url);
	open_credentials();
	run_fetch(0);
	is_current(NULL, ERROR_RETRY, "", "a closed connection is retried");
	run_fetch(0);
	is_current(NULL, ERROR_RETRY, "credentials from container: HTTP 503",
	    "an unready agent is retried");
	credentials_step(c, clock_ms() + 1000, clock_real_ms());
	is_current(NULL, ERROR_NONE, "", "a retry under way is worth a wait");
	run_fetch(0);
	is_current(NULL, ERROR_THROTTLED, "HTTP 429", "so is a busy one");
	run_fetch(0);
	is_current(NULL, ERROR_RETRY, "", "so is half an answer");
	run_fetch(20000);
	is_current(NULL, ERROR_RETRY,
	    "they have already expired, at 2020-01-01T00:00:00.000Z",
	    "keys that have expired are a failure");
	run_fetch(40000);
	is_current(NULL, ERROR_OPERATOR,
	    "HTTP 400: InvalidIdInRequest: no such task",
	    "a refusal is told in the agent's words");
	run_fetch(60000);
	is_current("A2", ERROR_NONE, "", "in the end there are keys");
	credentials_invalidate(c, "A2", clock_ms());
	run_fetch(80000);
	is_current("A2", ERROR_RETRY, "HTTP 500",
	    "refused keys stay while there are no others");
	run_fetch(100000);
	is_current("A2", ERROR_RETRY, "still those that the service refused",
	    "the same keys again are a failure");
	run_fetch(120000);
	is_current("A3", ERROR_NONE, "", "other keys end the trouble");
	close_credentials();
	stop_server("each try reached the endpoint");
}

static void
test_imds(void)
{
#define PUT                                                                    \
	"PUT /latest/api/token HTTP/1.1|"                                      \
	"X-aws-ec2-metadata-token-ttl-seconds: 21600"
#define ROLES "GET /latest/meta-data/iam/security-credentials/"
	static const struct exchange good[] = {
		{ PUT, NULL, HEAD "tok1" },
		{ ROLES " HTTP/1.1|X-aws-ec2-metadata-token: tok1", NULL,
		    REPLY("401") },
		{ PUT, NULL, HEAD "tok2" },
		{ ROLES " HTTP/1.1|X-aws-ec2-metadata-token: tok2", "tok1",
		    HEAD "my-role\nother" },
		{ ROLES "my-role HTTP/1.1|X-aws-ec2-metadata-token: tok2", NULL,
		    ANSWER("A1",
			",\"Code\":\"Success\",\"Expiration\":"
			"\"2020-01-01T00:00:00Z\"") },
	};
	const struct credentials_keys *k;
	struct error e;
	int64_t left;

	start_server(good, nitems(good));
	set("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url);
	open_credentials();
	is_str(credentials_source(c), "imds", "the instance is asked last");
	run_fetch(0);
	is_current("A1", ERROR_NONE, "", "the role's keys are fetched");
	k = credentials_current(c, &e);
	left = k != NULL ? k->expiration_ms - clock_real_ms() : 0;
	ok(left > 9 * MINUTE && left <= 15 * MINUTE,
	    "keys that have expired are used for ten minutes or more");
	close_credentials();
	stop_server("a token is fetched again when it has expired");
}

static void
imds_fails(const struct exchange *x, size_t n, const char *want_error,
    const char *name)
{
	start_server(x, n);
	set("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url);
	fetch_once("imds", NULL, ERROR_OPERATOR, want_error, name);
	stop_server(name);
}

static void
test_imds_failures(void)
{
	static const struct exchange off[] = { { PUT, NULL, REPLY("403") } };
	static const struct exchange token[] = { { PUT, NULL, HEAD "a b" } };
	static const struct exchange twice[] = { { PUT, NULL, HEAD "t" },
		{ ROLES " HTTP/1.1", NULL, REPLY("401") },
		{ PUT, NULL, HEAD "t" },
		{ ROLES " HTTP/1.1", NULL, REPLY("401") } };
	static const struct exchange none[] = { { PUT, NULL, HEAD "t" },
		{ ROLES " HTTP/1.1", NULL, REPLY("404") } };
	static const struct exchange path[] = { { PUT, NULL, HEAD "t" },
		{ ROLES " HTTP/1.1", NULL, HEAD "../../user-data" } };
	static const struct exchange code[] = { { PUT, NULL, HEAD "t" },
		{ ROLES " HTTP/1.1", NULL, HEAD "r" },
		{ ROLES "r HTTP/1.1", NULL,
		    HEAD "{\"Code\":\"Failed\",\"Message\":\"later\"}" } };
	static const struct exchange part[] = { { PUT, NULL, HEAD "t" },
		{ ROLES " HTTP/1.1", NULL, HEAD "r" },
		{ ROLES "r HTTP/1.1", NULL, ANSWER("A", "") } };

	imds_fails(off, nitems(off), "(imds: HTTP 403)",
	    "a service that is off is reported");
	imds_fails(token, nitems(token), "(imds: bad token)",
	    "a token that no header can hold is not used");
	imds_fails(twice, nitems(twice), "(imds: HTTP 401)",
	    "a second refusal of the token ends the fetch");
	imds_fails(none, nitems(none), "(imds: the instance has no role)",
	    "an instance without a role is told apart");
	imds_fails(path, nitems(path), "(imds: bad role name)",
	    "a role's name cannot lead elsewhere");
	imds_fails(code, nitems(code), "(imds: Failed: later)",
	    "the service's own words are reported");
	imds_fails(part, nitems(part),
	    "(imds: answer has no Token or Expiration)",
	    "a role's keys always have a token and an end");
	set("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1");
	fetch_once("imds", NULL, ERROR_OPERATOR,
	    "no AWS credentials: set AWS_ACCESS_KEY_ID and "
	    "AWS_SECRET_ACCESS_KEY, or give the task or instance a role (imds: "
	    "Failed to connect",
	    "off EC2 the error says what to do");
}

/* A token that no share can hold. */
static char *
large_answer(void)
{
	char *token = xmalloc(20001), *answer;

	memset(token, 'x', 20000);
	token[20000] = '\0';
	answer = xasprintf(HEAD "{\"AccessKeyId\":\"A3\","
				"\"SecretAccessKey\":\"S\",\"Token\":\"%s\","
				"\"Expiration\":\"2099-02-01T00:00:00Z\"}",
	    token);
	free(token);
	return answer;
}

/* Two processes and one share; their failures take nothing from each other. */
static void
test_failures_of_others(void)
{
	char *large = large_answer();
	const struct exchange troubled[] = {
		{ "", NULL, ANSWER("A1", EXPIRES) },
		{ "", NULL, REPLY("500") },
		{ "", NULL, ANSWER("A2", EXPIRES) },
		{ "", NULL, large },
		{ "", NULL, REPLY("500") },
		{ "", NULL, ANSWER("A4", EXPIRES) },
	};
	struct credentials_share *share = credentials_share_new();
	struct credentials *busy, *new;

	start_server(troubled, nitems(troubled));
	set("AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url);
	open_http();
	c = busy = new_credentials(share);
	run_fetch(0);
	is_current("A1", ERROR_NONE, "", "a process has keys");
	credentials_share_forget(share);
	c = new = new_credentials(share);
	run_fetch(0);
	is_current(NULL, ERROR_RETRY, "HTTP 500",
	    "after a reload another's first fetch fails");
	c = busy;
	credentials_step(c, clock_ms(), clock_real_ms());
	is_current("A1", ERROR_NONE, "", "the former keeps its keys");
	ok(credentials_deadline(c) > clock_ms() + MINUTE / 2,
	    "and has no reason to fetch others");
	c = new;
	run_fetch(20000);
	is_current("A2", ERROR_NONE, "", "a success comes in the end");
	c = busy;
	credentials_step(c, clock_ms(), clock_real_ms());
	is_current("A2", ERROR_NONE, "", "and is for all");

	credentials_invalidate(c, "A2", clock_ms());
	run_fetch(40000);
	is_current("A3", ERROR_NONE, "", "keys that cannot be shared");
	c = new;
	credentials_invalidate(c, "A2", clock_ms());
	run_fetch(60000);
	is_current("A2", ERROR_RETRY, "HTTP 500", "another's fetch fails");
	c = busy;
	credentials_step(c, clock_ms(), clock_real_ms());
	is_current("A3", ERROR_NONE, "", "older ones do not replace them");
	c = new;
	run_fetch(80000);
	c = busy;
	credentials_step(c, clock_ms(), clock_real_ms());
	is_current("A4", ERROR_NONE, "", "a success does");
	credentials_free(new);
	close_credentials();
	credentials_share_free(share);
	stop_server("each of these fetches was made, and no other");
	free(large);
}

static void
test_cancel(void)
{
	static const struct exchange hang[] = { { "", NULL, HEAD } };

	start_server(hang, nitems(hang));
	set("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url);
	open_credentials();
	changes = 0;
	credentials_step(c, clock_ms(), clock_real_ms());
	is_int(http_active(http), 1, "a fetch is under way");
	credentials_free(c);
	is_int(http_active(http), 0, "it is cancelled with its owner");
	is_int(changes, 0, "and nobody is told");
	c = NULL;
	close_credentials();

	set("AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url);
	open_credentials();
	credentials_step(c, clock_ms(), clock_real_ms());
	close_credentials();
	kill(server.pid, SIGKILL);
	waitpid(server.pid, NULL, 0);
	credentials_free(NULL);
	credentials_keys_free(NULL);
}

int
main(void)
{
	/* A proxy that is not there: local addresses must go past it. */
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("all_proxy", "http://127.0.0.1:1", 1);
	unsetenv("no_proxy");
	unsetenv("NO_PROXY");
	signal(SIGPIPE, SIG_IGN);

	test_windows();
	test_scenarios();
	test_plans();
	test_shared_scenarios();
	test_urls();
	test_settings();
	test_documents();
	test_environment();
	test_profile_keys();
	test_sts_place();
	test_endless_fetch();
	test_container();
	test_token_file();
	test_failures();
	test_failures_of_others();
	test_imds();
	test_imds_failures();
	test_cancel();
	return tap_done();
}
