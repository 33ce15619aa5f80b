/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * JSON as it is written: commas, keys and what a value may be.
 */
#include "common/base/json_write.h"

#include "t/unit/tap.h"

static struct buf b = BUF_INIT(1000);

static void
test_commas(void)
{
	struct json_write w = JSON_WRITE(&b);

	buf_reset(&b);
	json_write_object(&w, NULL);
	json_write_object(&w, "empty");
	json_write_object_end(&w);
	json_write_array(&w, "list");
	json_write_int(&w, NULL, -7);
	json_write_string(&w, NULL, "x");
	json_write_array(&w, NULL);
	json_write_array_end(&w);
	json_write_object(&w, NULL);
	json_write_bool(&w, "yes", true);
	json_write_bool(&w, "no", false);
	json_write_object_end(&w);
	json_write_array_end(&w);
	json_write_int(&w, "last", INT64_MAX);
	json_write_object_end(&w);
	is_str(buf_str(&b),
	    "{\"empty\":{},\"list\":[-7,\"x\",[],{\"yes\":true,\"no\":false}],"
	    "\"last\":9223372036854775807}",
	    "commas stand between members and elements alone");
}

static void
test_text(void)
{
	struct json_write w = JSON_WRITE(&b);

	buf_reset(&b);
	buf_puts(&b, "<4>");
	json_write_object(&w, NULL);
	json_write_text(&w, "a\"b", "\0{[,\n", 5);
	json_write_text(&w, "none", NULL, 0);
	json_write_key(&w, "own");
	buf_puts(w.to, "0.5");
	json_write_string(&w, "s", "\xFF");
	json_write_object_end(&w);
	is_str(buf_str(&b),
	    "<4>{\"a\\\"b\":\"\\u0000{[,\\n\",\"none\":\"\",\"own\":0.5,"
	    "\"s\":\"\xEF\xBF\xBD\"}",
	    "text of any bytes is valid, in keys as well");
}

static void
test_overflow(void)
{
	struct buf small = BUF_INIT(12);
	struct json_write w = JSON_WRITE(&small);

	json_write_object(&w, NULL);
	json_write_string(&w, "key", "value");
	json_write_object_end(&w);
	ok(small.overflow, "what does not fit is an overflow of the buffer");
	buf_release(&small);
}

int
main(void)
{
	test_commas();
	test_text();
	test_overflow();
	buf_release(&b);
	return tap_done();
}
