/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * XML by expat.  See xml.h.
 */
#include "common/base/xml.h"

#include <expat.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

struct reader {
	XML_Parser parser;
	xml_fn *fn;
	void *arg;
	const char *problem; /* that a callback found; NULL: none */
	size_t depth;
	/* of the elements that are open; [0] is around the document */
	char names[XML_DEPTH_MAX + 1][XML_NAME_MAX + 1];
	bool leaf; /* nothing but text since the last start tag */
	struct buf text;
};

static void
stop(struct reader *r, const char *problem)
{
	r->problem = problem;
	(void)XML_StopParser(r->parser, XML_FALSE);
}

static void XMLCALL
on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
	struct reader *r = arg;

	(void)attributes;
	if (r->depth == XML_DEPTH_MAX) {
		stop(r, "too deep");
		return;
	}
	r->depth++;
	(void)strlcpy(r->names[r->depth], name, sizeof(r->names[r->depth]));
	r->leaf = true;
	buf_reset(&r->text);
}

static void XMLCALL
on_end(void *arg, const XML_Char *name)
{
	struct reader *r = arg;

	(void)name;
	if (r->leaf)
		r->fn(r->arg, r->names[r->depth - 1], r->names[r->depth],
		    buf_span(&r->text));
	r->leaf = false;
	r->depth--;
}

static void XMLCALL
on_text(void *arg, const XML_Char *text, int len)
{
	struct reader *r = arg;

	if (!r->leaf)
		return;
	buf_append(&r->text, text, (size_t)len);
	if (r->text.overflow)
		stop(r, "too long a text");
}

/* No answer of AWS has a document type, and the entities of one can do harm. */
static void XMLCALL
on_doctype(void *arg, const XML_Char *name, const XML_Char *system_id,
    const XML_Char *public_id, int has_subset)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_subset;
	stop(arg, "a document type");
}

static int
parse_all(struct reader *r, struct span document, struct error *e)
{
	enum XML_Status status;

	if (document.len > INT_MAX)
		return error_set(e, ERROR_RETRY, "bad XML: too long");
	/* expat accepts UTF-16 even if the caller names another encoding. */
	if (!span_is_utf8(document) ||
	    memchr(document.p, '\0', document.len) != NULL)
		return error_set(e, ERROR_RETRY, "bad XML: not UTF-8");
	status = XML_Parse(r->parser, document.p, (int)document.len, XML_TRUE);
	if (status == XML_STATUS_OK)
		return 0;
	return error_set(e, ERROR_RETRY, "bad XML: %s",
	    r->problem != NULL ? r->problem
			       : XML_ErrorString(XML_GetErrorCode(r->parser)));
}

int
xml_parse(struct span document, xml_fn *fn, void *arg, struct error *e)
{
	struct reader r = { .fn = fn,
		.arg = arg,
		.text = BUF_INIT(XML_TEXT_MAX) };
	int result;

	if ((r.parser = XML_ParserCreate("UTF-8")) == NULL)
		abort(); /* out of memory */
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_start, on_end);
	XML_SetCharacterDataHandler(r.parser, on_text);
	XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
	result = parse_all(&r, document, e);
	XML_ParserFree(r.parser);
	buf_release(&r.text);
	return result;
}
