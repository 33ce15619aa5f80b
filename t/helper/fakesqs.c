/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * fakesqs: a stateful SQS server in memory, on loopback, for the tests.  It
 * also plays the container credentials endpoint and IMDSv2, injects
 * scripted faults, and answers questions about what it saw.  It shares no
 * code with the product: it is the judge.
 *
 *	fakesqs [-kn] [-a account] [-f portfile] [-p port] [-r region]
 *	    [-t seconds]
 *
 * Prints "listening on 127.0.0.1:PORT" once it serves and writes PORT to
 * portfile (by rename).  -p 0, the default: the kernel chooses.  -n: calls
 * need not be signed.  Ends with 0 on SIGTERM and SIGINT, after -t seconds
 * (900; 0: never), and when its parent dies, unless -k.  Mind that a shell's
 * $(...) or (... &) is a parent that dies at once: start it with a plain &,
 * or with -k.  Defaults: account 000000000000, region us-east-1.
 *
 * SQS, POST / (AWS JSON 1.0, as the SQS API Reference has it):
 *   CreateQueue GetQueueUrl GetQueueAttributes SetQueueAttributes ListQueues
 *   DeleteQueue PurgeQueue SendMessage[Batch] ReceiveMessage
 *   DeleteMessage[Batch] ChangeMessageVisibility[Batch].
 *   Queue URL: http://127.0.0.1:PORT/ACCOUNT/NAME; only NAME matters.
 *   Signatures are not verified, but for a time that is within 5 minutes
 *   of the server's, if there is an X-Amz-Date; that the Authorization header
 *   starts with "AWS4-HMAC-SHA256 " is.  Where AWS leaves it open: a message
 *made visible again goes to the tail of a standard queue; changing the
 *   visibility with a stale handle, or on FIFO after the timeout, is
 *   InvalidParameterValue; no retention.
 *
 * Credentials:
 *   GET /creds (or below it)		container provider
 *   PUT /latest/api/token		IMDSv2; then with the token
 *   GET /latest/meta-data/iam/security-credentials/[test-role]
 *   GET /latest/meta-data/{placement/region,spot/instance-action,
 *       autoscaling/target-lifecycle-state}
 *   Each fetch is a new key AKIDFAKE<n>, n = 1, 2, ..., with
 *   secret/fake+<n> and token/fake+<n>==.
 *
 * S3, path-style at the endpoint http://127.0.0.1:PORT/s3:
 *   PUT /s3/BUCKET/KEY		by anybody; makes the bucket
 *   GET /s3/BUCKET/KEY		signed; the op "s3"
 *
 * Admin, answers are JSON; {"ok":true} or {"ok":false,"error":...,
 * "value":...} with 4xx:
 *
 * POST /_fault?op=OP&kind=KIND[&count=N][&skip=K][&rate=P][&ms=M][&code=C]
 *     [&status=S][&entry=I][&sender=0|1][&perform=0|1][&retry_after=MS]
 *   Hits the next N calls (default 1; -1: until cleared, which is the
 *   default with rate) of OP after letting K pass, each with P percent
 *   probability.  OP is an SQS operation, "unknown", "*" (any of SQS), or
 *   creds, imds_token, imds_role, imds_creds, imds_other, s3.  Of several the
 *   oldest that applies wins.  retry_after adds x-amz-retry-after.
 *   Instead of the operation, which is not performed:
 *     error	code (InternalFailure), its own status or S; code may be the
 *		shape or the query name
 *     throttle	RequestThrottled 403
 *     http500 http503	a body that is not JSON
 *     html	XML error (code C, status S or 500)
 *     cut	close before any byte;  reset: the same by RST
 *     empty	200 {}
 *     huge	200, a JSON body of M bytes
 *     redirect	307 (S) to /_redirected, which counts as op "redirected"
 *     raw	200 (S) with this POST's own body
 *     bytes	nothing but this POST's body, head and all, then close
 *     hang	nothing for M ms, then performed as if it came then; 0: never
 *   The operation is performed and the answer spoilt (of a long poll: once
 *   it has one):
 *     cut_mid	whole head, half the body, then close
 *     cut_after	close without a byte
 *     slow	after M ms;  drip: a byte every M (1) ms
 *     bad_json	200, body truncated
 *     bad_md5	wrong MD5OfBody;  bad_attr_md5: wrong MD5OfMessageAttributes
 *     entry_fail	batch: entry I (from 0; default all) Failed with C
 *		(InternalError) and SenderFault; not performed without
 *		perform=1
 *     entry_missing	batch: entry I is in neither list; performed without
 *		perform=0
 *     lost	receive: in flight, but the answer is {}
 *     dup	receive: stays visible, and deletes of it are ignored with
 *		200 until it was received once more
 *     unknown_fields	unknown members, nested ones and nulls everywhere
 * POST /_clear			forgets all faults
 * POST /_set?KNOB=VALUE[&...]
 *   limit_12h_s (43200)		total invisibility of a receive
 *   in_flight_max (120000) dedup_s (300) purge_interval_s (60)
 *   stale_change_ok (0)	visibility change by a stale handle: 200
 *   auth (1)			0: as -n
 *   history (1)		0: no /_history of later messages, less memory
 *   seed			of the random numbers
 *   creds_lifetime_s (3600)	may be 0 or negative
 *   creds_expires (1)		0: no Expiration
 *   creds_token ()		Authorization that /creds wants
 *   sts_token ()		WebIdentityToken that /sts wants
 *   clock_ahead_s (0)		the server's time of day, ours plus this
 *   creds_fail (0)		status of all credential endpoints
 *   creds_hang (0) creds_bad_json (0)
 *   creds_enforce (0)		SQS calls are ExpiredToken 403: 1: unless
 *				signed with the newest key, unexpired; 2:
 *				unless with any unexpired key
 *   creds_revoke=1		all keys handed out so far are refused, if
 *				creds_enforce
 *   imds_off imds_no_role (0) imds_ttl_s (0: as asked) imds_code (Success)
 *   imds_spot imds_asg ()	texts of these two items, else 404
 * POST /_create?name=Q[&Attribute=value...]	{"QueueUrl":...}; FIFO by name
 * POST /_send?name=Q[&body=TEXT][&count=N][&group=G[&groups=M]][&dedup=D]
 *     [&delay=S]		[{"MessageId":...},...]; not counted as calls
 *   Body TEXT or the POST's; with count, N messages, the body (and D)
 *   followed by 0 ... N-1, the group by that modulo M.
 * POST /_hurry?name=Q[&over=S]	what is invisible for more than S (0)
 *   seconds is visible, as if that time had passed
 * GET /_stats			ops.OP.{requests,answered,entries,errors,
 *   faults}, polling, polling_max, polls_aborted, receives_empty,
 *   connections[_open|_max], calls, keys_handed_out, and the sums over all
 *   queues of what /_queue counts
 * GET /_queue?name=Q		visible, in_flight, delayed (now); sent,
 *   received (deliveries), redelivered, deleted, delete_ignored, expired,
 *   changed, moved_to_dlq, moved_in, purged (ever); polling
 * GET /_messages?name=Q	[{id, body (null above 200 bytes), body_bytes,
 *   receive_count, state, visible_in_ms, group}], as long as they are there
 * GET /_history?{id=ID|body=TEXT|name=Q}[&name=Q]	[{id, ms since the
 *   start, event, count|timeout, conn}], after the deletion too; events: sent
 *   received deleted delete_ignored changed expired delay_over moved purged
 * GET /_calls?since=N		those after number N of the last 10000:
 *   [{seq, ms, op, queue, conn, entries, status (0: no answer), code,
 *   took_ms, wait_s, max, visibility_timeouts, messages, aborted (client
 *   left first), query_mode, fault, key_id}]
 * GET /_wait?cond=COND[&name=Q][&op=OP][&value=N][&ms=T]
 *   {"ok":true} as soon as it holds, 408 after T (10000) ms.  Of a queue:
 *   empty, in_flight_zero, visible_zero, and {visible,in_flight,delayed,
 *   deleted,sent,received,redelivered,moved,expired,changed}_at_least.  Of
 *   an operation, at least N: op_count (requests), op_done (answers),
 *   op_entries.  Of the server: polling (exactly N), polling_at_least.
 */

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fakesqs_admin.h"
#include "fakesqs_api.h"
#include "fakesqs_calls.h"
#include "fakesqs_conn.h"
#include "fakesqs_creds.h"
#include "fakesqs_fault.h"
#include "fakesqs_queue.h"
#include "fakesqs_s3.h"
#include "fakesqs_timer.h"
#include "fakesqs_util.h"

struct options {
	int port;
	int lifetime_s;
	bool outlive_parent;
	const char *port_file;
	const char *account;
	const char *region;
};

static bool over; /* the lifetime has passed, or a signal came */
static int signal_fd = -1;

static void
usage(void)
{
	(void)fprintf(stderr,
	    "usage: fakesqs [-kn] [-a account] [-f portfile] [-p port] "
	    "[-r region]\n               [-t seconds]\n");
	exit(2);
}

static int
number(const char *text, const char *what, int max)
{
	const char *problem;
	int n = (int)strtonum(text, 0, max, &problem);

	if (problem != NULL)
		errx(2, "%s '%s': %s", what, text, problem);
	return n;
}

static struct options
parse_options(int argc, char **argv)
{
	struct options o = { .lifetime_s = 900,
		.account = "000000000000",
		.region = "us-east-1" };
	int opt;

	while ((opt = getopt(argc, argv, "a:f:knp:r:t:")) != -1) {
		switch (opt) {
		case 'a':
			o.account = optarg;
			break;
		case 'f':
			o.port_file = optarg;
			break;
		case 'k':
			o.outlive_parent = true;
			break;
		case 'n':
			api_auth_wanted = false;
			break;
		case 'p':
			o.port = number(optarg, "port", 65535);
			break;
		case 'r':
			o.region = optarg;
			break;
		case 't':
			o.lifetime_s = number(optarg, "seconds", 1000000);
			break;
		default:
			usage();
		}
	}
	if (optind != argc)
		usage();
	return o;
}

static void
die_with_parent(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) == -1)
		err(1, "prctl");
	/* The parent may have died before the call above. */
	if (getppid() != parent)
		exit(0);
}

/* A test may open thousands of connections. */
static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		err(1, "getrlimit");
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static void
signal_open(int epoll_fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = &signal_fd };
	sigset_t set;

	if (sigemptyset(&set) == -1 || sigaddset(&set, SIGTERM) == -1 ||
	    sigaddset(&set, SIGINT) == -1 ||
	    sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    (signal_fd = signalfd(-1, &set, SFD_CLOEXEC)) == -1 ||
	    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, signal_fd, &ev) == -1)
		err(1, "signalfd");
}

/*
 * The file appears whole, by rename, because a test may read it at any moment.
 */
static void
write_port_file(const char *path, int port)
{
	struct buf tmp = { 0 };
	FILE *f;

	buf_addf(&tmp, "%s.%ld", path, (long)getpid());
	f = fopen(tmp.data, "we");
	if (f == NULL || fprintf(f, "%d\n", port) < 0 || fclose(f) != 0 ||
	    rename(tmp.data, path) == -1)
		err(1, "%s", path);
	buf_release(&tmp);
}

static void
not_found(struct conn *c)
{
	struct reply r = { .status = 404, .type = "text/plain" };

	buf_addstr(&r.body, "fakesqs: nothing here\n");
	conn_reply(c, &r);
	buf_release(&r.body);
}

static void
route(struct conn *c)
{
	if (admin_request(c) || creds_request(c) || s3_request(c))
		return;
	if (span_is(c->req.method, "POST"))
		api_request(c);
	else
		not_found(c);
}

static void
lifetime_over(void *arg, int64_t now_ms)
{
	(void)arg;
	(void)now_ms;
	over = true;
}

static void
loop(int epoll_fd)
{
	struct epoll_event events[256];
	int i, n;

	while (!over) {
		n = epoll_wait(epoll_fd, events, nitems(events),
		    timer_wait_ms(clock_ms()));
		if (n == -1 && errno != EINTR)
			err(1, "epoll_wait");
		timer_run(clock_ms());
		for (i = 0; i < n; i++) {
			/* Only the two signals that end fakesqs come here. */
			if (events[i].data.ptr == &signal_fd)
				over = true;
			else
				conn_event(events[i].data.ptr,
				    events[i].events);
		}
		/* Serves after all events, so that a client that has left gets
		   no message. */
		api_serve();
		admin_check_waits();
		conn_reap();
	}
}

int
main(int argc, char **argv)
{
	struct timer lifetime = { .fire = lifetime_over };
	pid_t parent = getppid();
	struct options o = parse_options(argc, argv);
	int epoll_fd, port;

	if (!o.outlive_parent)
		die_with_parent(parent);
	raise_descriptors();
	(void)clock_start_ms();
	random_seed((uint64_t)clock_wall_ms() << 20 ^ (uint64_t)getpid());
	if ((epoll_fd = epoll_create1(EPOLL_CLOEXEC)) == -1)
		err(1, "epoll_create1");
	signal_open(epoll_fd);
	port = conn_listen(epoll_fd, o.port, route);
	api_init(port, o.account, o.region);
	creds_set_region(o.region);
	if (o.lifetime_s > 0)
		timer_set(&lifetime, clock_ms() + o.lifetime_s * 1000LL);
	if (o.port_file != NULL)
		write_port_file(o.port_file, port);
	(void)printf("listening on 127.0.0.1:%d\n", port);
	(void)fflush(stdout);
	loop(epoll_fd);
	conn_release_all();
	queue_release_all();
	fault_clear();
	calls_release();
	creds_release();
	s3_release();
	timer_release();
	util_release();
	(void)close(signal_fd);
	(void)close(epoll_fd);
	return 0;
}
