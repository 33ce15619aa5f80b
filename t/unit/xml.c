/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Reading XML: which elements are passed on, and what is refused.
 */
#include "common/base/xml.h"

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

static void
on_element(void *arg, const char *parent, const char *name, struct span text)
{
	buf_printf(arg, "%s/%s=%.*s ", parent, name, (int)text.len, text.p);
}

static void
is_read(const char *document, const char *want, const char *name)
{
	struct buf got = BUF_INIT(65536);
	struct error e;

	if (xml_parse(span_of(document), on_element, &got, &e) == -1)
		buf_printf(&got, "%s: %s", error_kind_name(e.kind), e.text);
	is_str(buf_str(&got), want, name);
	buf_release(&got);
}

static void
test_elements(void)
{
	is_read("<A/>", "/A= ", "an empty element is one of no text");
	is_read("<?xml version='1.0'?><A xmlns=\"urn:x\"><B>1</B><C>2</C></A>",
	    "A/B=1 A/C=2 ", "elements are passed on with their parents");
	is_read("<A>\n <B>\n  <C> x </C>\n </B>\n</A>", "B/C= x  ",
	    "text between elements is nobody's");
	is_read("<A><B>1&lt;2&amp;3&#65;</B></A>", "A/B=1<2&3A ",
	    "references are resolved");
	is_read("<A><B><![CDATA[<x>]]>y</B></A>", "A/B=<x>y ",
	    "sections of text are part of the text");
	is_read("<A><B>x<!-- no -->y</B></A>", "A/B=xy ", "comments are not");
}

static void
test_refusals(void)
{
	struct buf deep = BUF_INIT(4096);
	int i;

	is_read("", "retry: bad XML: no element found", "nothing is no XML");
	is_read("{}", "retry: bad XML: not well-formed (invalid token)",
	    "JSON is no XML");
	is_read("<A><B>1</B>", "A/B=1 retry: bad XML: no element found",
	    "an end is missing");
	is_read("<A></B>", "retry: bad XML: mismatched tag",
	    "an end is another's");
	is_read("<!DOCTYPE A [<!ENTITY x 'y'>]><A>&x;</A>",
	    "retry: bad XML: a document type", "entities cannot be made");
	is_read("<A>\xff</A>", "retry: bad XML: not UTF-8",
	    "there is no other encoding");
	for (i = 0; i <= XML_DEPTH_MAX; i++)
		buf_puts(&deep, "<A>");
	is_read(buf_str(&deep), "retry: bad XML: too deep", "depth has an end");
	buf_release(&deep);
}

int
main(void)
{
	test_elements();
	test_refusals();
	return tap_done();
}
