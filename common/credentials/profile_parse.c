/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The text is parsed a line at a time into a list of sections.  Sections of
 * unknown kinds are kept too, so that their lines do not join another section,
 * but no search finds them.  A line that is wrong is a fault of its section.
 * Two readers set the rules, and what either of them accepts is accepted: that
 * of the SDKs' shared tests, and botocore's, which is Python's configparser.
 * t/5065-profiles.t shows where they differ.  See profile_parse.h.
 */
#include "common/credentials/profile_parse.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/words.h"
#include "common/base/xalloc.h"
#include "common/credentials/profile_set.h"

#include "common/base/banned.h"

struct parser {
	struct profile_set *set;
	bool credentials; /* which of the files this is */
	unsigned line;
	size_t indent; /* of the line that began the property, or section */
	struct profile_section *section; /* NULL: none has begun */
	struct profile_property
	    *property; /* NULL: none has begun in the section */
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static struct span
trim(struct span s)
{
	while (s.len > 0 && is_blank(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

/* Ends at a comment; needs_blank: only where a blank stands before it. */
static struct span
without_comment(struct span s, bool needs_blank)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if ((s.p[i] == '#' || s.p[i] == ';') &&
		    (!needs_blank || (i > 0 && is_blank(s.p[i - 1]))))
			s.len = i;
	return s;
}

static char *
lower_case(struct span s)
{
	char *copy = xmemdup0(s.p, s.len), *c;

	for (c = copy; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return copy;
}

/* ---- a line at a time ---- */

/*
 * The section for the properties that follow.  A section that occurs again
 * continues the first; but [profile default] replaces [default], whichever
 * comes first.
 */
static struct profile_section *
place_for(struct parser *p, enum profile_section_type type, const char *name,
    bool prefixed)
{
	struct profile_section *s =
	    profile_set_find_section(p->set, type, name);

	if (type == PROFILE_SECTION_IGNORED || s == NULL) {
		s = profile_set_add_section(p->set, type, name);
		s->prefixed = prefixed;
	} else if (!p->credentials && prefixed && !s->prefixed) {
		profile_set_clear_section(s);
		s->prefixed = true;
	} else if (!p->credentials && !prefixed && s->prefixed) {
		s = profile_set_add_section(p->set, PROFILE_SECTION_IGNORED,
		    name);
	}
	return s;
}

/*
 * A wrong line before any section is a fault of the default profile, whose
 * header may be missing.
 */
static void
wrong(struct parser *p, const char *what)
{
	struct error *trouble = &p->set->trouble[p->credentials];

	if (p->section == NULL)
		p->section =
		    place_for(p, PROFILE_SECTION_PROFILE, "default", false);
	p->property = NULL;
	if (p->section->fault.what == NULL)
		p->section->fault =
		    (struct profile_fault){ what, p->credentials, p->line };
	if (trouble->kind == ERROR_NONE)
		profile_set_refuse_line(p->credentials, p->line, what, trouble);
}

static enum profile_section_type
type_of_prefix(const char *prefix)
{
	if (strncmp(prefix, "profile", strlen("profile")) == 0)
		return PROFILE_SECTION_PROFILE;
	if (strncmp(prefix, "services", strlen("services")) == 0)
		return PROFILE_SECTION_SERVICES;
	return PROFILE_SECTION_IGNORED;
}

/*
 * A title in the config file: "profile foo", "services 'b a r'", "default". Its
 * words are quoted as in a shell.
 */
static enum profile_section_type
read_title(const char *title, char **ret_name, bool *ret_prefixed)
{
	enum profile_section_type type = PROFILE_SECTION_IGNORED;
	char **words = words_split(title);

	*ret_prefixed = false;
	*ret_name = NULL;
	if (words != NULL && words[0] != NULL && words[1] != NULL &&
	    words[2] == NULL) {
		type = type_of_prefix(words[0]);
		*ret_prefixed = true;
		*ret_name = xstrdup(words[1]);
	} else if (strcmp(title, "default") == 0) {
		type = PROFILE_SECTION_PROFILE;
	}
	words_free(words);
	if (*ret_name == NULL)
		*ret_name = xstrdup(title);
	return type;
}

static void
begin_section(struct parser *p, struct span title)
{
	enum profile_section_type type = PROFILE_SECTION_PROFILE;
	bool prefixed = false;
	char *text = xmemdup0(title.p, title.len), *name = NULL;

	if (!p->credentials)
		type = read_title(text, &name, &prefixed);
	p->section = place_for(p, type, name != NULL ? name : text, prefixed);
	p->property = NULL;
	free(name);
	free(text);
}

/*
 * The length of "[title]", 0 if it has no end.  A comment may follow, but a
 * title may hold the characters that begin a comment.
 */
static size_t
header_len(struct span line)
{
	struct span before = without_comment(line, false);
	const char *end = memrchr(before.p, ']', before.len);

	if (end == NULL)
		end = memrchr(line.p, ']', line.len);
	return end != NULL ? (size_t)(end + 1 - line.p) : 0;
}

static void
read_header(struct parser *p, struct span line)
{
	size_t len = header_len(line);

	/* The fault belongs to the section whose header this was to be. */
	if (len == 0) {
		line = without_comment(line, false);
		begin_section(p,
		    trim((struct span){ line.p + 1, line.len - 1 }));
		wrong(p, "profile definition must end with ']'");
		return;
	}
	begin_section(p, trim((struct span){ line.p + 1, len - 2 }));
}

static void
set_property(struct parser *p, struct span key, struct span value)
{
	char *name = lower_case(key);
	struct profile_property *new =
	    profile_set_replace_property(p->section, name);

	free(name);
	buf_append(&new->value, value.p, value.len);
	new->nested = value.len == 0;
	new->credentials = p->credentials;
	new->line = p->line;
	p->property = new;
}

static const char *
find_delimiter(struct span line)
{
	size_t i;

	for (i = 0; i < line.len; i++)
		if (line.p[i] == '=' || line.p[i] == ':')
			return line.p + i;
	return NULL;
}

static void
read_property(struct parser *p, struct span line)
{
	const char *delimiter;
	struct span key;

	if (p->section == NULL) {
		wrong(p, "expected a profile definition");
		return;
	}
	line = trim(without_comment(line, true));
	delimiter = find_delimiter(line);
	if (delimiter == NULL) {
		wrong(p,
		    p->indent > 0
			? "expected a property definition, found continuation"
			: "expected an '=' sign defining a property");
		return;
	}
	key = trim((struct span){ line.p, (size_t)(delimiter - line.p) });
	if (key.len == 0) {
		wrong(p, "property did not have a name");
		return;
	}
	set_property(p, key,
	    trim((struct span){ delimiter + 1,
		line.len - (size_t)(delimiter + 1 - line.p) }));
}

static void
read_continuation(struct parser *p, struct span line)
{
	const char *equals;

	if (p->property->nested) {
		equals = memchr(line.p, '=', line.len);
		if (equals == NULL || equals == line.p) {
			wrong(p,
			    equals == NULL
				? "expected an '=' sign defining a sub-property"
				: "sub-property did not have a name");
			return;
		}
	}
	buf_putc(&p->property->value, '\n');
	buf_append(&p->property->value, line.p, line.len);
}

/* A line that is indented more than the property before continues its value. */
static void
read_line(struct parser *p, struct span line)
{
	struct span text = trim(line);
	size_t indent = (size_t)(text.p - line.p);

	if (text.len == 0 || text.p[0] == '#' || text.p[0] == ';')
		return;
	if (memchr(text.p, '\0', text.len) != NULL) {
		wrong(p, "a NUL");
		return;
	}
	if (p->property != NULL && indent > p->indent) {
		read_continuation(p, text);
		return;
	}
	p->indent = indent;
	if (text.p[0] == '[')
		read_header(p, text);
	else
		read_property(p, text);
}

/* A line ends with "\n", "\r\n" or "\r". */
static struct span
take_line(struct span *text)
{
	struct span line = { text->p, 0 };
	size_t used;

	while (line.len < text->len && text->p[line.len] != '\n' &&
	    text->p[line.len] != '\r')
		line.len++;
	used = line.len;
	if (used < text->len && text->p[used] == '\r')
		used++;
	if (used < text->len && text->p[used] == '\n')
		used++;
	text->p += used;
	text->len -= used;
	return line;
}

static void
read_all(struct profile_set *set, bool credentials, struct span text)
{
	static const char mark[] = "\xef\xbb\xbf";
	struct parser p = { .set = set, .credentials = credentials };

	if (text.len >= strlen(mark) &&
	    memcmp(text.p, mark, strlen(mark)) == 0) {
		p.line = 1;
		wrong(&p, "a byte order mark, which does not belong there");
		p.line = 0;
		text.p += strlen(mark);
		text.len -= strlen(mark);
	}
	while (text.len > 0) {
		p.line++;
		read_line(&p, take_line(&text));
	}
}

struct profile_set *
profile_parse(struct span config, struct span credentials)
{
	struct profile_set *set = profile_set_new();

	read_all(set, false, config);
	read_all(set, true, credentials);
	return set;
}

/* ---- lines in a value ---- */

char *
profile_parse_nested(const char *lines, const char *key)
{
	while (*lines == '\n') {
		size_t len = strcspn(++lines, "\n");
		const char *equals = memchr(lines, '=', len);
		struct span name, value;
		char *lower;
		bool same;

		if (equals != NULL) {
			name = trim(
			    (struct span){ lines, (size_t)(equals - lines) });
			value = trim((struct span){ equals + 1,
			    len - (size_t)(equals + 1 - lines) });
			lower = lower_case(name);
			same = strcmp(lower, key) == 0;
			free(lower);
			if (same)
				return xmemdup0(value.p, value.len);
		}
		lines += len;
	}
	return NULL;
}
