/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Bodies of any bytes as a pointer to an object of S3, and where that is: the
 * host never depends on the key.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "common/aws/s3.h"
#include "common/settings/settings_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char endpoint[] = "http://127.0.0.1:9/";
	struct s3_pointer p;
	struct s3_address a;
	size_t i;

	if (!s3_pointer_parse((struct span){ (const char *)data, size }, &p))
		return 0;
	assert(p.bucket[0] != '\0' && memchr(p.bucket, 0, sizeof(p.bucket)));
	assert(p.key[0] != '\0' && memchr(p.key, 0, sizeof(p.key)));
	assert(!settings_text_is_bucket_listed(p.bucket, "") &&
	    !settings_text_is_bucket_listed(p.bucket, NULL));
	assert(s3_address_of(endpoint, "eu-west-1",
		   (struct aws_endpoint_variant){ 0 }, &p, &a) == 0);
	assert(strcmp(a.host, "127.0.0.1:9") == 0);
	assert(strncmp(a.url.data, endpoint, strlen(endpoint)) == 0);
	for (i = strlen(endpoint); i < a.url.len; i++)
		assert(
		    a.url.data[i] > ' ' && strchr("?#", a.url.data[i]) == NULL);
	assert(s3_key_has_dots(p.key) || strstr(a.url.data, "/../") == NULL);
	s3_address_release(&a);
	return 0;
}
