/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * AWS's shared files, a line at a time into a list of sections.  Sections and
 * properties whose names are not valid are read, so that what belongs to them
 * is not taken for another's, and then never found.  See profile.h.
 */
#include "common/profile.h"

#include <sys/queue.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/file.h"
#include "common/xalloc.h"

#include "common/banned.h"

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

struct section {
	TAILQ_ENTRY(section) entry;
	enum section_type type;
	bool prefixed; /* [profile default], which goes before [default] */
	char *name;
	struct property_list properties;
};

TAILQ_HEAD(section_list, section);

struct profile_set {
	struct section_list sections;
};

struct parser {
	struct profile_set *set;
	bool credentials; /* which of the files this is */
	unsigned line;
	struct section *section;   /* NULL: none has begun */
	struct property *property; /* NULL: none has begun in the section */
	struct error *e;
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

static int
wrong(struct parser *p, const char *what)
{
	return refuse_line(p->credentials, p->line, what, p->e);
}

static enum section_type
type_of_prefix(struct span prefix)
{
	if (span_is(prefix, "profile"))
		return SECTION_PROFILE;
	return span_is(prefix, "services") ? SECTION_SERVICES : SECTION_IGNORED;
}

/* "profile foo", "services bar", "default"; only "foo" in the other file. */
static enum section_type
read_title(const struct parser *p, struct span title, struct span *ret_name,
    bool *ret_prefixed)
{
	struct span prefix = title, name;

	for (prefix.len = 0; prefix.len < title.len; prefix.len++)
		if (is_blank(title.p[prefix.len]))
			break;
	name =
	    trim((struct span){ title.p + prefix.len, title.len - prefix.len });
	*ret_prefixed = name.len > 0;
	*ret_name = name.len > 0 ? name : title;
	if (!is_name(*ret_name))
		return SECTION_IGNORED;
	if (p->credentials)
		return *ret_prefixed ? SECTION_IGNORED : SECTION_PROFILE;
	if (*ret_prefixed)
		return type_of_prefix(prefix);
	return span_is(title, "default") ? SECTION_PROFILE : SECTION_IGNORED;
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

static int
read_header(struct parser *p, struct span line)
{
	enum section_type type;
	struct span name;
	bool prefixed;
	char *copy;

	line = trim(without_comment(line, false));
	if (line.p[line.len - 1] != ']')
		return wrong(p, "profile definition must end with ']'");
	type = read_title(p, trim((struct span){ line.p + 1, line.len - 2 }),
	    &name, &prefixed);
	copy = xmemdup0(name.p, name.len);
	p->section = place_for(p, type, copy, prefixed);
	p->property = NULL;
	free(copy);
	return 0;
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

static int
read_property(struct parser *p, struct span line)
{
	const char *equals;
	struct span key;

	if (p->section == NULL)
		return wrong(p, "expected a profile definition");
	line = trim(without_comment(line, true));
	equals = memchr(line.p, '=', line.len);
	if (equals == NULL)
		return wrong(p, "expected an '=' sign defining a property");
	key = trim((struct span){ line.p, (size_t)(equals - line.p) });
	if (key.len == 0)
		return wrong(p, "property did not have a name");
	set_property(p, key,
	    trim((struct span){ equals + 1,
		line.len - (size_t)(equals + 1 - line.p) }));
	return 0;
}

static int
read_continuation(struct parser *p, struct span line)
{
	const char *equals;

	if (p->section == NULL)
		return wrong(p, "expected a profile definition");
	if (p->property == NULL)
		return wrong(p,
		    "expected a property definition, found continuation");
	line = trim(line);
	if (p->property->nested) {
		equals = memchr(line.p, '=', line.len);
		if (equals == NULL)
			return wrong(p,
			    "expected an '=' sign defining a sub-property");
		if (equals == line.p)
			return wrong(p, "sub-property did not have a name");
	}
	buf_putc(&p->property->value, '\n');
	buf_append(&p->property->value, line.p, line.len);
	return 0;
}

static int
read_line(struct parser *p, struct span line)
{
	if (trim(line).len == 0 || line.p[0] == '#' || line.p[0] == ';')
		return 0;
	if (line.p[0] == '[')
		return read_header(p, line);
	if (is_blank(line.p[0]))
		return read_continuation(p, line);
	return read_property(p, line);
}

static int
read_all(struct profile_set *set, bool credentials, struct span text,
    struct error *e)
{
	struct parser p = { .set = set, .credentials = credentials, .e = e };
	const char *end;
	struct span line;

	while (text.len > 0) {
		p.line++;
		end = memchr(text.p, '\n', text.len);
		line = (struct span){ text.p,
			end != NULL ? (size_t)(end - text.p) : text.len };
		if (memchr(line.p, '\0', line.len) != NULL)
			return wrong(&p, "a NUL");
		if (read_line(&p, line) == -1)
			return -1;
		text.p += line.len + (end != NULL);
		text.len -= line.len + (end != NULL);
	}
	return 0;
}

struct profile_set *
profile_parse(struct span config, struct span credentials, struct error *e)
{
	struct profile_set *set = xcalloc(1, sizeof(*set));

	TAILQ_INIT(&set->sections);
	if (read_all(set, false, config, e) == -1 ||
	    read_all(set, true, credentials, e) == -1) {
		profile_free(set);
		return NULL;
	}
	return set;
}

/* ---- looking things up ---- */

bool
profile_exists(const struct profile_set *set, const char *profile)
{
	return find_section(set, SECTION_PROFILE, profile) != NULL;
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
		if (s->type != SECTION_PROFILE)
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

static char *
path_of(profile_getenv_fn *get, const char *variable, const char *standard)
{
	const char *path = profile_setting(get, variable);
	const char *home = profile_setting(get, "HOME");

	if (path == NULL)
		path = standard;
	if (path[0] != '~' || path[1] != '/')
		return xstrdup(path);
	return home != NULL ? xasprintf("%s%s", home, path + 1) : NULL;
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
profile_name(profile_getenv_fn *get)
{
	const char *name = profile_setting(get, "AWS_PROFILE");

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

/*
 * Is it as if the file were not there?  So it is where we may not look, unless
 * somebody named it: HOME may be left from another user.
 */
static bool
is_absent(profile_getenv_fn *get, const char *variable, int errnum)
{
	return errnum == ENOENT || errnum == ENOTDIR ||
	    (errnum == EACCES && profile_setting(get, variable) == NULL &&
		profile_setting(get, "AWS_PROFILE") == NULL);
}

static int
load_file(profile_getenv_fn *get, const char *variable, char *path,
    struct buf *to, struct error *e)
{
	int result = 0;

	if (path != NULL && file_read(path, to) == -1 &&
	    !is_absent(get, variable, errno))
		result = file_refuse(e, "file", path);
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

	if (load_file(get, CONFIG_FILE, profile_config_path(get), &config, e) ==
		0 &&
	    load_file(get, CREDENTIALS_FILE, profile_credentials_path(get),
		&credentials, e) == 0)
		set =
		    profile_parse(buf_span(&config), buf_span(&credentials), e);
	release_secret(&config);
	release_secret(&credentials);
	return set;
}
