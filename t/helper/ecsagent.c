/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A stand-in for the ECS agent's task protection endpoint.
 *
 *	ecsagent -f PORT-FILE DIRECTORY
 *
 * Each request is a line of DIRECTORY/requests: method, path, content type and
 * body.  The answer is DIRECTORY/answer, the status in its first line and the
 * body behind; "hang" for a status is none at all.  Without such a file it is
 * what a healthy agent says.
 */
#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

static const char *directory;

struct request {
	char body[4096];
	size_t len;
};

static void
record(const char *method, const char *url, const char *type, const char *body)
{
	char path[4096];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/requests", directory);
	f = fopen(path, "a");
	if (f == NULL)
		return;
	fprintf(f, "%s %s %s %s\n", method, url, type != NULL ? type : "-",
	    body);
	(void)fclose(f);
}

/* Returns the status; 0: hang. */
static unsigned
script(char *to, size_t size, const char *body)
{
	char path[4096], first[16] = "";
	unsigned status = 200;
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/answer", directory);
	f = fopen(path, "r");
	if (f == NULL) {
		(void)snprintf(to, size,
		    "{\"protection\":{\"ExpirationDate\":null,"
		    "\"ProtectionEnabled\":%s,\"TaskArn\":\"arn\"}}",
		    strstr(body, "true") != NULL ? "true" : "false");
		return 200;
	}
	if (fgets(first, sizeof(first), f) != NULL)
		status = strncmp(first, "hang", 4) == 0
		    ? 0
		    : (unsigned)strtoul(first, NULL, 10);
	n = fread(to, 1, size - 1, f);
	to[n] = '\0';
	(void)fclose(f);
	return status;
}

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *data, size_t *size,
    void **state)
{
	struct request *r = *state;
	struct MHD_Response *answer;
	enum MHD_Result result;
	char text[4096] = "";
	unsigned status;

	(void)arg;
	(void)version;
	if (r == NULL) {
		*state = calloc(1, sizeof(*r));
		return *state != NULL ? MHD_YES : MHD_NO;
	}
	if (*size > 0) {
		if (r->len + *size >= sizeof(r->body))
			return MHD_NO;
		memcpy(r->body + r->len, data, *size);
		r->len += *size;
		*size = 0;
		return MHD_YES;
	}
	record(method, url,
	    MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Content-Type"),
	    r->body);
	status = script(text, sizeof(text), r->body);
	free(r);
	*state = NULL;
	if (status == 0)
		(void)sleep(30);
	answer = MHD_create_response_from_buffer(strlen(text), text,
	    MHD_RESPMEM_MUST_COPY);
	result = MHD_queue_response(c, status != 0 ? status : 500, answer);
	MHD_destroy_response(answer);
	return result;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const union MHD_DaemonInfo *info;
	struct MHD_Daemon *daemon;
	FILE *f;

	if (argc != 4 || strcmp(argv[1], "-f") != 0)
		return 64;
	directory = argv[3];
	daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD |
		MHD_USE_THREAD_PER_CONNECTION,
	    0, NULL, NULL, on_request, NULL, MHD_OPTION_SOCK_ADDR, &a,
	    MHD_OPTION_END);
	info = daemon != NULL
	    ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)
	    : NULL;
	f = fopen(argv[2], "w");
	if (info == NULL || f == NULL)
		return 1;
	fprintf(f, "%u\n", info->port);
	(void)fclose(f);
	for (;;)
		(void)pause();
}
