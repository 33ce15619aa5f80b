/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Writing JSON.  See json_write.h.
 */
#include "common/base/json_write.h"

#include <string.h>

#include "common/base/banned.h"

void
json_write_key(struct json_write *w, const char *key)
{
	if (w->is_comma_due)
		buf_putc(w->to, ',');
	w->is_comma_due = true;
	if (key == NULL)
		return;
	buf_puts_json(w->to, key);
	buf_putc(w->to, ':');
}

static void
begin(struct json_write *w, const char *key, char bracket)
{
	json_write_key(w, key);
	buf_putc(w->to, bracket);
	w->is_comma_due = false;
}

static void
end(struct json_write *w, char bracket)
{
	buf_putc(w->to, bracket);
	w->is_comma_due = true;
}

void
json_write_object(struct json_write *w, const char *key)
{
	begin(w, key, '{');
}

void
json_write_object_end(struct json_write *w)
{
	end(w, '}');
}

void
json_write_array(struct json_write *w, const char *key)
{
	begin(w, key, '[');
}

void
json_write_array_end(struct json_write *w)
{
	end(w, ']');
}

void
json_write_text(struct json_write *w, const char *key, const char *p,
    size_t len)
{
	json_write_key(w, key);
	buf_put_json(w->to, p, len);
}

void
json_write_string(struct json_write *w, const char *key, const char *s)
{
	json_write_text(w, key, s, strlen(s));
}

void
json_write_int(struct json_write *w, const char *key, int64_t n)
{
	json_write_key(w, key);
	buf_put_int(w->to, n);
}

void
json_write_bool(struct json_write *w, const char *key, bool b)
{
	json_write_key(w, key);
	buf_puts(w->to, b ? "true" : "false");
}
