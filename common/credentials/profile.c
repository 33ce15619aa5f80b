/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * AWS's shared files, a line at a time into a list of sections.  Sections of
 * other kinds are read, so that what belongs to them is not taken for
 * another's, and then never found.  A line that is wrong is the fault of the
 * section that it is in.  Two readers set the rules, and what either of them
 * reads is read: that of the SDKs' shared tests, and botocore's, which is
 * Python's configparser; t/5065-profiles.t has where they part.
 * See profile.h.
 */
#include "common/credentials/profile.h"

#include <sys/queue.h>

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/file.h"
#include "common/base/words.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

/* Variables that name the files. */
#define CONFIG_FILE      "AWS_CONFIG_FILE"
#define CREDENTIALS_FILE "AWS_SHARED_CREDENTIALS_FILE"

enum section_type {
	SECTION_IGNORED,
	SECTION_PROFILE,
	SECTION_SERVICES
};

struct property {
	TAILQ_ENTRY(property) entry;
	char *key; /* lower case */
	struct buf value;
	bool nested;      /* was empty on its line: holds "key = value" lines */
	bool credentials; /* which of the files it is in */
	unsigned line;    /* of that file */
};

TAILQ_HEAD(property_list, property);

struct fault {
	const char *what; /* static; NULL: none */
	bool credentials;
	unsigned line;
};

struct section {
	TAILQ_ENTRY(section) entry;
	enum section_type type;
	bool prefixed; /* [profile default], which goes before [default] */
	char *name;
	struct property_list properties;
	struct fault fault; /* the first */
};

TAILQ_HEAD(section_list, section);

struct profile_set {
	struct section_list sections;
	struct error trouble[2]; /* the first of each file; kind NONE: none */
};

struct parser {
	struct profile_set *set;
	bool credentials; /* which of the files this is */
	unsigned line;
	size_t indent; /* of the line that began the property, or section */
	struct section *section;   /* NULL: none has begun */
	struct property *property; /* NULL: none has begun in the section */
};

/* ---- spans ---- */

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

static bool
is_name(struct span s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') ||
			(c != '\0' && strchr("-_./%@:+", c) != NULL)))
			return false;
	}
	return s.len > 0;
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

/* ---- the parts of a set ---- */

static void
property_free(struct property *p)
{
	free(p->key);
	if (p->value.data != NULL)
		explicit_bzero(p->value.data, p->value.cap);
	buf_release(&p->value);
	free(p);
}

static void
section_clear(struct section *s)
{
	struct property *p;

	while ((p = TAILQ_FIRST(&s->properties)) != NULL) {
		TAILQ_REMOVE(&s->properties, p, entry);
		property_free(p);
	}
}

void
profile_free(struct profile_set *set)
{
	struct section *s;

	if (set == NULL)
		return;
	while ((s = TAILQ_FIRST(&set->sections)) != NULL) {
		TAILQ_REMOVE(&set->sections, s, entry);
		section_clear(s);
		free(s->name);
		free(s);
	}
	free(set);
}

static struct section *
find_section(const struct profile_set *set, enum section_type type,
    const char *name)
{
	struct section *s;

	TAILQ_FOREACH(s, &set->sections, entry)
		if (s->type == type && strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

static struct property *
find_property(const struct section *s, const char *key)
{
	struct property *p;

	TAILQ_FOREACH(p, &s->properties, entry)
		if (strcmp(p->key, key) == 0)
			return p;
	return NULL;
}

static struct section *
section_new(struct profile_set *set, enum section_type type, const char *name)
{
	struct section *s = xcalloc(1, sizeof(*s));

	s->type = type;
	s->name = xstrdup(name);
	TAILQ_INIT(&s->properties);
	TAILQ_INSERT_TAIL(&set->sections, s, entry);
	return s;
}

/* ---- a line at a time ---- */

static int
refuse_line(bool credentials, unsigned line, const char *what, struct error *e)
{
	return error_set(e, ERROR_OPERATOR, "%s file, line %u: %s",
	    credentials ? "credentials" : "config", line, what);
}

/*
 * Where the section's properties go: of one that occurs again, to the first;
 * but [profile default] goes before [default], whichever comes first.
 */
static struct section *
place_for(struct parser *p, enum section_type type, const char *name,
    bool prefixed)
{
	struct section *s = find_section(p->set, type, name);

	if (type == SECTION_IGNORED || s == NULL) {
		s = section_new(p->set, type, name);
		s->prefixed = prefixed;
	} else if (!p->credentials && prefixed && !s->prefixed) {
		section_clear(s);
		s->prefixed = true;
	} else if (!p->credentials && !prefixed && s->prefixed) {
		s = section_new(p->set, SECTION_IGNORED, name);
	}
	return s;
}

/*
 * What is wrong before any section is the default profile's, as if its header
 * had been lost.
 */
static void
wrong(struct parser *p, const char *what)
{
	struct error *trouble = &p->set->trouble[p->credentials];

	if (p->section == NULL)
		p->section = place_for(p, SECTION_PROFILE, "default", false);
	p->property = NULL;
	if (p->section->fault.what == NULL)
		p->section->fault =
		    (struct fault){ what, p->credentials, p->line };
	if (trouble->kind == ERROR_NONE)
		refuse_line(p->credentials, p->line, what, trouble);
}

static enum section_type
type_of_prefix(const char *prefix)
{
	if (strncmp(prefix, "profile", strlen("profile")) == 0)
		return SECTION_PROFILE;
	if (strncmp(prefix, "services", strlen("services")) == 0)
		return SECTION_SERVICES;
	return SECTION_IGNORED;
}

/*
 * The config file's: "profile foo", "services 'b a r'", "default".  The words
 * are those of a shell.
 */
static enum section_type
read_title(const char *title, char **ret_name, bool *ret_prefixed)
{
	enum section_type type = SECTION_IGNORED;
	char **words = words_split(title);

	*ret_prefixed = false;
	*ret_name = NULL;
	if (words != NULL && words[0] != NULL && words[1] != NULL &&
	    words[2] == NULL) {
		type = type_of_prefix(words[0]);
		*ret_prefixed = true;
		*ret_name = xstrdup(words[1]);
	} else if (strcmp(title, "default") == 0) {
		type = SECTION_PROFILE;
	}
	words_free(words);
	if (*ret_name == NULL)
		*ret_name = xstrdup(title);
	return type;
}

static void
begin_section(struct parser *p, struct span title)
{
	enum section_type type = SECTION_PROFILE;
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
 * The length of "[title]", 0 if it has no end.  A comment may follow; but a
 * title, too, may have such characters in it.
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

	/* The section that was meant is the one that has the fault. */
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
	struct property *new = xcalloc(1, sizeof(*new));
	struct property *old = find_property(p->section, name);

	if (old != NULL) {
		TAILQ_REMOVE(&p->section->properties, old, entry);
		property_free(old);
	}
	new->key = name;
	buf_init(&new->value, PROFILE_FILE_MAX);
	buf_append(&new->value, value.p, value.len);
	new->nested = value.len == 0;
	new->credentials = p->credentials;
	new->line = p->line;
	TAILQ_INSERT_TAIL(&p->section->properties, new, entry);
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

/* A line goes on with the value before if it is indented more than that is. */
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

/* Its end is "\n", "\r\n" or "\r". */
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
	struct profile_set *set = xcalloc(1, sizeof(*set));

	TAILQ_INIT(&set->sections);
	error_clear(&set->trouble[0]);
	error_clear(&set->trouble[1]);
	read_all(set, false, config);
	read_all(set, true, credentials);
	return set;
}

/* ---- looking things up ---- */

bool
profile_exists(const struct profile_set *set, const char *profile)
{
	return find_section(set, SECTION_PROFILE, profile) != NULL;
}

int
profile_check(const struct profile_set *set, const char *profile,
    struct error *e)
{
	const struct section *s = find_section(set, SECTION_PROFILE, profile);
	const struct error *t;
	size_t i;

	if (s != NULL && s->fault.what != NULL)
		return refuse_line(s->fault.credentials, s->fault.line,
		    s->fault.what, e);
	if (s != NULL)
		return 0;
	/* Where there is no file, there may be a directory in its place. */
	for (i = 0; i < nitems(set->trouble); i++) {
		t = &set->trouble[i];
		if (t->errnum != 0)
			return error_set(e, ERROR_OPERATOR,
			    "profile '%.64s' does not exist: %s", profile,
			    t->text);
	}
	return error_set(e, ERROR_OPERATOR, "profile '%s' does not exist",
	    profile);
}

const struct error *
profile_trouble(const struct profile_set *set, bool credentials)
{
	const struct error *t = &set->trouble[credentials];

	return t->kind != ERROR_NONE ? t : NULL;
}

static const struct property *
get_property(const struct profile_set *set, const char *profile,
    const char *key)
{
	const struct section *s = find_section(set, SECTION_PROFILE, profile);

	return s != NULL ? find_property(s, key) : NULL;
}

const char *
profile_get(const struct profile_set *set, const char *profile, const char *key)
{
	const struct property *p = get_property(set, profile, key);

	return p != NULL ? buf_str(&p->value) : NULL;
}

int
profile_refuse(const struct profile_set *set, const char *profile,
    const char *key, const char *what, struct error *e)
{
	const struct property *p = get_property(set, profile, key);

	return refuse_line(p->credentials, p->line, what, e);
}

void
profile_each(const struct profile_set *set, profile_each_fn *fn, void *arg)
{
	struct section *s;
	struct property *p;

	TAILQ_FOREACH(s, &set->sections, entry) {
		/* cppcheck-suppress uninitvar ; TAILQ_FOREACH sets s */
		if (s->type != SECTION_PROFILE || !is_name(span_of(s->name)))
			continue;
		TAILQ_FOREACH(p, &s->properties, entry)
			if (is_name(span_of(p->key)))
				fn(arg, s->name, p->key, buf_str(&p->value));
	}
}

/* The value in "\nkey = value\nother = value", to be freed. */
static char *
nested_value(const char *lines, const char *key)
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

char *
profile_get_service(const struct profile_set *set, const char *profile,
    const char *service, const char *key)
{
	const char *name = profile_get(set, profile, "services");
	const struct section *s;
	const struct property *p;

	if (name == NULL)
		return NULL;
	s = find_section(set, SECTION_SERVICES, name);
	p = s != NULL ? find_property(s, service) : NULL;
	return p != NULL ? nested_value(buf_str(&p->value), key) : NULL;
}

/* ---- the files ---- */

const char *
profile_setting(profile_getenv_fn *get, const char *name)
{
	const char *value = get(name);

	return value != NULL && value[strspn(value, " \t")] != '\0' ? value
								    : NULL;
}

/* "$NAME" or "${NAME}" at p: its length, and its value if it is set. */
static size_t
read_reference(profile_getenv_fn *get, const char *p, const char **ret_value)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789_";
	bool braced = p[1] == '{';
	size_t n = braced ? strcspn(p + 2, "}") : strspn(p + 1, letters);
	char *name;

	*ret_value = NULL;
	if (n == 0 || (braced && p[2 + n] != '}'))
		return 1;
	name = xmemdup0(p + 1 + braced, n);
	*ret_value = get(name);
	free(name);
	return n + (braced ? 3 : 1);
}

/* As botocore has it, a variable that is not set stays as it is written. */
static char *
expand_variables(profile_getenv_fn *get, const char *path)
{
	struct buf to = BUF_INIT(PATH_MAX);
	const char *value = NULL;
	char *expanded;
	size_t n;

	for (; *path != '\0'; path += n) {
		n = *path == '$' ? read_reference(get, path, &value)
				 : strcspn(path, "$");
		if (*path == '$' && value != NULL)
			buf_puts(&to, value);
		else
			buf_append(&to, path, n);
	}
	expanded = to.overflow ? NULL : xstrdup(buf_str(&to));
	buf_release(&to);
	return expanded;
}

static char *
path_of(profile_getenv_fn *get, const char *variable, const char *standard)
{
	const char *path = profile_setting(get, variable);
	const char *home = profile_setting(get, "HOME");
	char *expanded = expand_variables(get, path != NULL ? path : standard);
	char *whole = NULL;

	if (expanded == NULL || expanded[0] != '~' ||
	    (expanded[1] != '/' && expanded[1] != '\0'))
		return expanded;
	if (home != NULL)
		whole = xasprintf("%s%s", home, expanded + 1);
	free(expanded);
	return whole;
}

char *
profile_config_path(profile_getenv_fn *get)
{
	return path_of(get, CONFIG_FILE, "~/.aws/config");
}

char *
profile_credentials_path(profile_getenv_fn *get)
{
	return path_of(get, CREDENTIALS_FILE, "~/.aws/credentials");
}

const char *
profile_chosen(profile_getenv_fn *get)
{
	const char *name = profile_setting(get, "AWS_PROFILE");

	return name != NULL ? name
			    : profile_setting(get, "AWS_DEFAULT_PROFILE");
}

const char *
profile_name(profile_getenv_fn *get)
{
	const char *name = profile_chosen(get);

	return name != NULL ? name : "default";
}

const char *
profile_option(profile_getenv_fn *get, const struct profile_set *set,
    const char *variable, const char *key)
{
	const char *value = profile_setting(get, variable);

	if (value == NULL && set != NULL)
		value = profile_get(set, profile_name(get), key);
	return value != NULL && value[0] != '\0' ? value : NULL;
}

bool
profile_flag(profile_getenv_fn *get, const struct profile_set *set,
    const char *variable, const char *key)
{
	const char *value = profile_option(get, set, variable, key);

	return value != NULL && strcasecmp(value, "true") == 0;
}

/* What docker(1) makes, for instance, of a file to mount that is not there. */
static bool
is_no_file(int errnum)
{
	return errnum == EISDIR || errnum == ENOTSUP || errnum == ELOOP;
}

/*
 * Is it as if the file were not there?  So it is where we may not look, unless
 * somebody named it: HOME may be left from another user.
 */
static bool
is_absent(profile_getenv_fn *get, const char *variable, int errnum)
{
	return errnum == ENOENT || errnum == ENOTDIR || is_no_file(errnum) ||
	    (errnum == EACCES && profile_setting(get, variable) == NULL &&
		profile_chosen(get) == NULL);
}

/* *trouble: why what is there is no file; kind NONE: there is nothing. */
static int
load_file(profile_getenv_fn *get, const char *variable, char *path,
    struct buf *to, struct error *trouble, struct error *e)
{
	int result = 0;

	error_clear(trouble);
	if (path != NULL && file_read(path, to) == -1) {
		if (!is_absent(get, variable, errno))
			result = file_refuse(e, "file", path);
		else if (is_no_file(errno))
			file_refuse(trouble, "file", path);
	}
	free(path);
	return result;
}

static void
release_secret(struct buf *b)
{
	if (b->data != NULL)
		explicit_bzero(b->data, b->cap);
	buf_release(b);
}

struct profile_set *
profile_load(profile_getenv_fn *get, struct error *e)
{
	struct buf config = BUF_INIT(PROFILE_FILE_MAX);
	struct buf credentials = BUF_INIT(PROFILE_FILE_MAX);
	struct profile_set *set = NULL;
	struct error trouble[2];
	size_t i;

	if (load_file(get, CONFIG_FILE, profile_config_path(get), &config,
		&trouble[0], e) == 0 &&
	    load_file(get, CREDENTIALS_FILE, profile_credentials_path(get),
		&credentials, &trouble[1], e) == 0) {
		set = profile_parse(buf_span(&config), buf_span(&credentials));
		for (i = 0; i < nitems(trouble); i++)
			if (trouble[i].kind != ERROR_NONE)
				set->trouble[i] = trouble[i];
	}
	release_secret(&config);
	release_secret(&credentials);
	return set;
}

static const char *
environment(const char *name)
{
	return getenv(name);
}

void
profile_warn(profile_warning_fn *fn, void *arg)
{
	struct profile_set *set = profile_load(environment, NULL);
	size_t i;

	if (set == NULL)
		return;
	for (i = 0; i < nitems(set->trouble); i++)
		if (set->trouble[i].kind != ERROR_NONE)
			fn(arg, set->trouble[i].text);
	profile_free(set);
}
