/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * libinih is given one line at a time and splits it into name and value.  The
 * file is split into lines here, because then each problem has the number of
 * its line (libinih returns only the first) and no line is cut in silence
 * (libinih cuts at ini_max_line bytes).  Sections are read here too, because
 * libinih does not report an empty or repeated section and cuts names at 50
 * bytes.
 */
#include "common/settings/settings_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "common/base/file.h"
#include "common/base/xalloc.h"
#include "common/settings/settings_origins.h"
#include "common/settings/settings_table.h"

#include "common/base/banned.h"

enum {
	FILE_MAX_BYTES = 256 * 1024,
	LINE_MAX_BYTES = 4096,
	LINE_ROOM_BYTES = LINE_MAX_BYTES + 3 /* a CR, a LF and a NUL: ini.h */
};

#define BLANKS " \t"
#define QUEUE_NAMES                                                            \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

struct reader {
	struct settings_draft *d;
	char *origin; /* "FILE:LINE" */
	const char *file;
	unsigned line;
	unsigned
	    *lines; /* by row: the line of this section that set it; 0: none */
	struct queue_settings *queue; /* of this section */
	enum {
		BEFORE_SECTIONS,
		IN_SECTION,
		IN_WRONG_SECTION /* reported; its lines are skipped */
	} place;
	bool is_pair; /* libinih found name and value in this line */
};

/* Called by libinih for a name and its value; must return 1. */
static int
on_pair(void *arg, const char *section, const char *name, const char *value)
{
	struct reader *r = arg;
	const struct settings_row *row = settings_table_find(name);
	unsigned *seen;

	(void)section;
	r->is_pair = true;
	if (row == NULL) {
		settings_draft_report_unknown(r->d, name, r->origin);
		return 1;
	}
	if (row->scope == SETTINGS_GLOBAL && r->place == IN_SECTION) {
		settings_problem_report(&r->d->problems,
		    "%s: holds for all queues and belongs before the first "
		    "section (%s)",
		    name, r->origin);
		return 1;
	}
	seen = &r->lines[row - settings_table];
	if (*seen != 0)
		settings_problem_report(&r->d->problems,
		    "%s: is set on line %u already (%s)", name, *seen,
		    r->origin);
	else
		settings_draft_assign(r->d, row,
		    r->place == IN_SECTION ? r->queue : &r->d->base, value,
		    r->origin);
	*seen = r->line;
	return 1;
}

/* The NAME of "[queue NAME]", or NULL.  The line then ends behind NAME. */
static const char *
section_name(char *line)
{
	char *p = line + 1 + strspn(line + 1, BLANKS);
	char *name, *end;

	if (strncmp(p, "queue", 5) != 0 || (p[5] != ' ' && p[5] != '\t'))
		return NULL;
	name = p + 5 + strspn(p + 5, BLANKS);
	end = name + strspn(name, QUEUE_NAMES);
	if (end == name || end - name > SETTINGS_QUEUE_NAME_MAX ||
	    strcmp(end + strspn(end, BLANKS), "]") != 0)
		return NULL;
	*end = '\0';
	return name;
}

static void
open_section(struct reader *r, char *line)
{
	const char *name = section_name(line);

	memset(r->lines, 0, settings_table_size * sizeof(*r->lines));
	r->place = IN_WRONG_SECTION;
	if (name == NULL) {
		settings_problem_report(&r->d->problems,
		    "\"%s\" is not a section; a section is [queue NAME], the "
		    "name 1 to 80 letters, digits, - _ and . (%s)",
		    line, r->origin);
		return;
	}
	r->queue = settings_draft_add_queue(r->d, name, r->origin);
	if (r->queue != NULL)
		r->place = IN_SECTION;
}

/* Ends the line where a comment begins, and cuts the blanks before it. */
static void
cut_comment(char *line)
{
	size_t i, end = 0;

	for (i = 0; line[i] != '\0'; i++) {
		if (strchr("#;", line[i]) != NULL &&
		    (i == 0 || strchr(BLANKS, line[i - 1]) != NULL))
			break;
		if (strchr(BLANKS, line[i]) == NULL)
			end = i + 1;
	}
	line[end] = '\0';
}

static bool
has_control_characters(const char *p, size_t len)
{
	for (; len > 0; p++, len--)
		if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7F)
			return true;
	return false;
}

/*
 * libinih's buffer on the stack has the size that libinih was built with, so
 * this makes it use LINE_ROOM_BYTES on the heap.
 */
static void
set_up_libinih(void)
{
	ini_use_stack = false;
	ini_initial_alloc = ini_max_line = LINE_ROOM_BYTES;
}

static void
read_pair(struct reader *r, const char *line)
{
	size_t len = strlen(line);

	if (len > LINE_MAX_BYTES) {
		settings_problem_report(&r->d->problems,
		    "a line of %zu bytes is longer than %d; a long command "
		    "fits into a script (%s)",
		    len, LINE_MAX_BYTES, r->origin);
		return;
	}
	r->is_pair = false;
	if (ini_parse_string(line, on_pair, r) == -2)
		abort(); /* out of memory */
	if (!r->is_pair)
		settings_problem_report(&r->d->problems,
		    "\"%s\" is not NAME = VALUE (%s)", line, r->origin);
}

static void
read_line(struct reader *r, const char *p, size_t len)
{
	char *copy, *line;

	r->origin = xasprintf("%s:%u", r->file, ++r->line);
	if (len > 0 && p[len - 1] == '\r')
		len--;
	copy = xmemdup0(p, len);
	line = copy + strspn(copy, BLANKS);
	cut_comment(line);
	if (has_control_characters(p, len))
		settings_problem_report(&r->d->problems,
		    "the line holds a control character (%s)", r->origin);
	else if (line[0] == '[')
		open_section(r, line);
	else if (line[0] != '\0' && r->place != IN_WRONG_SECTION)
		read_pair(r, line);
	free(copy);
	free(r->origin);
}

void
settings_file_parse(struct settings_draft *d, const char *file,
    struct span bytes)
{
	struct reader r = { .d = d, .file = file };
	const char *p = bytes.p, *end = bytes.p + bytes.len, *eol;

	set_up_libinih();
	r.lines = xcalloc(settings_table_size, sizeof(*r.lines));
	if (bytes.len >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
		p += 3; /* the byte order mark that some editors put there */
	for (; p < end; p = eol + 1) {
		eol = memchr(p, '\n', (size_t)(end - p));
		if (eol == NULL)
			eol = end;
		read_line(&r, p, (size_t)(eol - p));
	}
	free(r.lines);
}

void
settings_file_read(struct settings_draft *d, const char *file)
{
	struct buf bytes = BUF_INIT(FILE_MAX_BYTES);

	if (file_read(file, &bytes) == 0)
		settings_file_parse(d, file, buf_span(&bytes));
	else if (errno == EFBIG)
		settings_problem_report(&d->problems,
		    "the settings file is larger than %d bytes (%s)",
		    FILE_MAX_BYTES, file);
	else
		settings_problem_report(&d->problems,
		    "cannot read the settings file: %s (%s)",
		    file_strerror(errno), file);
	buf_release(&bytes);
}
