/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * XML of any bytes: what is passed on is bounded, valid UTF-8 and never more
 * than was in the document, so nothing is multiplied; and each element that is
 * written again as a document of its own is read as the same.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "common/base/xml.h"
#include "t/fuzz/xml_text.h"

enum {
	AGAIN_MAX = 8 * XML_TEXT_MAX /* each byte as a reference, and names */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct leaf {
	const char *parent, *name;
	struct span text;
	size_t n; /* how often it came */
};

static void
on_same(void *arg, const char *parent, const char *name, struct span text)
{
	struct leaf *leaf = arg;

	assert(strcmp(parent, leaf->parent) == 0);
	assert(strcmp(name, leaf->name) == 0);
	assert(text.len == leaf->text.len);
	assert(memcmp(text.p, leaf->text.p, text.len) == 0);
	leaf->n++;
}

static void
check_again(struct leaf *leaf)
{
	struct buf again = BUF_INIT(AGAIN_MAX);
	struct error e;

	if (leaf->parent[0] != '\0')
		buf_printf(&again, "<%s>", leaf->parent);
	put_element(&again, leaf->name, leaf->text);
	if (leaf->parent[0] != '\0')
		buf_printf(&again, "</%s>", leaf->parent);
	assert(!again.overflow);
	assert(xml_parse(buf_span(&again), on_same, leaf, &e) == 0);
	assert(leaf->n == 1);
	buf_release(&again);
}

static void
on_leaf(void *arg, const char *parent, const char *name, struct span text)
{
	struct leaf leaf = { parent, name, text, 0 };
	size_t *total = arg;

	*total += text.len;
	assert(name[0] != '\0');
	assert(strlen(name) <= XML_NAME_MAX && strlen(parent) <= XML_NAME_MAX);
	assert(text.len <= XML_TEXT_MAX && text.p[text.len] == '\0');
	assert(memchr(text.p, '\0', text.len) == NULL);
	assert(span_is_utf8(text));
	/* A name that was cut may be none. */
	if (strlen(name) < XML_NAME_MAX && strlen(parent) < XML_NAME_MAX)
		check_again(&leaf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span document = { (const char *)data, size };
	struct error e = { .kind = ERROR_NONE };
	size_t total = 0;

	if (xml_parse(document, on_leaf, &total, &e) == -1) {
		assert(e.kind == ERROR_RETRY && e.text[0] != '\0');
		assert(e.text[strcspn(e.text, "\r\n")] == '\0');
	}
	assert(total <= size);
	return 0;
}
