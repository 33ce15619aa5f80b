/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * AWS's shared files and the chains of roles in them: cases of our own, and
 * those that AWS's SDKs share where they are at hand.
 */
#include "common/credentials/profile.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/base/xalloc.h"
#include "common/credentials/profile_chain.h"
#include "common/credentials/profile_files.h"
#include "common/credentials/profile_parse.h"
#include "t/unit/shared.h"
#include "t/unit/tap.h"

/* ---- a set as text: "profile.key=value|" in any order of the set ---- */

static void
on_property(void *arg, const char *profile, const char *key, const char *value)
{
	buf_printf(arg, "%s.%s=%s|", profile, key, value);
}

static void
is_parsed(const char *config, const char *credentials, const char *want,
    const char *name)
{
	struct buf got = BUF_INIT(65536);
	struct profile_set *set =
	    profile_parse(span_of(config), span_of(credentials));
	const struct error *e = profile_trouble(set, false);

	if (e == NULL)
		e = profile_trouble(set, true);
	if (e == NULL)
		profile_each(set, on_property, &got);
	else
		buf_printf(&got, "%s: %s", error_kind_name(e->kind), e->text);
	is_str(buf_str(&got), want, name);
	profile_free(set);
	buf_release(&got);
}

static void
test_parser(void)
{
	is_parsed("", "", "", "empty files say nothing");
	is_parsed("[default]\na=1\n[profile b]\nc = 2\n", "",
	    "default.a=1|b.c=2|", "profiles of the config file");
	is_parsed("", "[default]\na=1\n[b]\nc = 2\n", "default.a=1|b.c=2|",
	    "profiles of the credentials file");
	is_parsed("[profile x]\na=1\nb=2\n", "[x]\na=3\n", "x.b=2|x.a=3|",
	    "the credentials file goes before the config file");
	is_parsed("[b]\na=1\n[plugins]\nc=2\n", "[profile b]\na=1\n", "",
	    "sections of another form are nobody's");
	is_parsed("[default]\na=1\n[profile default]\nb=2\n[default]\nc=3\n",
	    "", "default.b=2|", "[profile default] goes before [default]");
	is_parsed("[default]\nA_b = 1\n", "", "default.a_b=1|",
	    "keys are in lower case");
	is_parsed("[default]\na = 1 # no\nb = 2#yes\nc=; no\n", "",
	    "default.a=1|default.b=2#yes|default.c=; no|",
	    "a comment begins behind a blank");
	is_parsed("[default] # x\r\na = 1\r\n\r\n", "", "default.a=1|",
	    "lines may end as in DOS");
	is_parsed("[default]\na = 1", "", "default.a=1|",
	    "the last line needs no end");
	is_parsed("[default]\na = 1\n  2 # 3\n", "", "default.a=1\n2 # 3|",
	    "a line that is indented goes on");
	is_parsed("[profile a b]\nc = 1\n d\n[default]\ne=2\n", "",
	    "default.e=2|", "what belongs to an invalid name is skipped");
	is_parsed("  [default]\n  a = 1\n  b: 2\n\t\t\t3\n  # no\n  c = 4\n",
	    "", "default.a=1|default.b=2\n3|default.c=4|",
	    "a file may be indented as a whole");
	is_parsed("[profile \"a\"]\nb=1\n[profile 'c']\nd=2\n", "",
	    "a.b=1|c.d=2|", "names may be quoted");
	is_parsed("[profile \"a]\nb=1\n[default]\nd=2\n", "", "default.d=2|",
	    "but not badly");
	is_parsed("[default] a [b]\nc=1\n[profile d];]\ne=2\n", "", "d.e=2|",
	    "a title goes to the last bracket before a comment");
	is_parsed("[default]\ns3 =\n  # no\n  a = 1\n\n  ; no\n  b = 2\n", "",
	    "default.s3=\na = 1\nb = 2|", "comments may be indented");
	is_parsed("[default]\ra=1\rb=2", "", "default.a=1|default.b=2|",
	    "lines may end as on machines of old");
}

/* What profile_check says of a profile of such a config file. */
static void
is_checked(const char *config, const char *profile, const char *want,
    const char *name)
{
	const struct span nothing = { "", 0 };
	struct profile_set *set = profile_parse(span_of(config), nothing);
	struct error e;

	error_clear(&e);
	is_int(profile_check(set, profile, &e), want[0] == '\0' ? 0 : -1, name);
	is_str(e.text, want, name);
	profile_free(set);
}

static void
test_faults(void)
{
	static const char faults[] = "[default]\na=1\n[profile x]\nb\n"
				     "[profile y\n[profile z]\nc=2\n";

	is_checked(faults, "default", "",
	    "other sections' faults are not the default's");
	is_checked(faults, "z", "", "nor those of whoever comes next");
	is_checked(faults, "x",
	    "config file, line 4: expected an '=' sign defining a property",
	    "they are told to who asks for that section");
	is_checked(faults, "y",
	    "config file, line 5: profile definition must end with ']'",
	    "a header that does not end is known by its name");
	is_checked(faults, "w", "profile 'w' does not exist",
	    "one that is not there is not there");
	is_checked("a=1\n[profile x]\nb=1\n", "default",
	    "config file, line 1: expected a profile definition",
	    "what is before all sections is the default's");
	is_checked("a=1\n[profile x]\nb=1\n", "x", "", "and nobody else's");
	is_checked("\xef\xbb\xbf[default]\na=1\n", "default",
	    "config file, line 1: a byte order mark, which does not belong "
	    "there",
	    "so is what an editor puts before the first");
}

static void
test_wrong_lines(void)
{
	is_parsed("[default]\na\n", "",
	    "operator: config file, line 2: expected an '=' sign defining a "
	    "property",
	    "a line without an equals sign");
	is_parsed("", "\n[default\n",
	    "operator: credentials file, line 2: profile definition must end "
	    "with ']'",
	    "a header without its end");
	is_parsed("a = 1\n", "",
	    "operator: config file, line 1: expected a profile definition",
	    "a property before any profile");
	is_parsed("[default]\n= 1\n", "",
	    "operator: config file, line 2: property did not have a name",
	    "a property without a name");
}

static void
test_services(void)
{
	static const char text[] = "[default]\nservices = mine\n"
				   "[services mine]\nsqs =\n"
				   "  Endpoint_URL = http://a\n  x = 1\n"
				   "sts =\n  endpoint_url=http://b\n"
				   "[profile other]\nservices = gone\n";
	const struct span nothing = { "", 0 };
	struct profile_set *set = profile_parse(span_of(text), nothing);
	char *url;

	url = profile_get_service(set, "default", "sqs", "endpoint_url");
	is_str(url, "http://a", "a property of one service");
	free(url);
	url = profile_get_service(set, "default", "sts", "endpoint_url");
	is_str(url, "http://b", "and of another");
	free(url);
	is_str(profile_get_service(set, "default", "sns", "endpoint_url"), NULL,
	    "a service that is not there");
	is_str(profile_get_service(set, "other", "sqs", "endpoint_url"), NULL,
	    "services that are not there");
	is_str(profile_get_service(set, "none", "sqs", "endpoint_url"), NULL,
	    "a profile that is not there");
	profile_free(set);
}

/* ---- the files ---- */

static const char *home, *config_file, *credentials_file, *profile_variable;

static const char *
get(const char *name)
{
	if (strcmp(name, "HOME") == 0)
		return home;
	if (strcmp(name, "AWS_CONFIG_FILE") == 0)
		return config_file;
	if (strcmp(name, "AWS_SHARED_CREDENTIALS_FILE") == 0)
		return credentials_file;
	return strcmp(name, "AWS_PROFILE") == 0 ? profile_variable : NULL;
}

static void
are_paths(const char *want_config, const char *want_credentials,
    const char *want_profile, const char *name)
{
	char *config = profile_files_config_path(get);
	char *credentials = profile_files_credentials_path(get);

	is_str(config, want_config, name);
	is_str(credentials, want_credentials, name);
	if (want_profile != NULL)
		is_str(profile_name(get), want_profile, name);
	free(config);
	free(credentials);
}

static void
test_paths(void)
{
	are_paths(NULL, NULL, "default", "without a home there are no files");
	home = "/home/u";
	are_paths("/home/u/.aws/config", "/home/u/.aws/credentials", "default",
	    "the files are below HOME");
	config_file = "~/x";
	credentials_file = "y";
	profile_variable = "p";
	are_paths("/home/u/x", "y", "p", "variables name others");
	config_file = "$HOME/x/${HOME}$NONE/${NONE}$";
	credentials_file = "${HOME";
	are_paths("/home/u/x//home/u$NONE/${NONE}$", "${HOME", NULL,
	    "whose names may have others in them");
	config_file = "~";
	credentials_file = "~other/x";
	are_paths("/home/u", "~other/x", NULL, "a tilde is one's own home");
	home = config_file = credentials_file = profile_variable = NULL;
}

/* Nothing is read, but there is something to warn of. */
static void
is_absent(const char *why, const char *name)
{
	struct error e;
	struct profile_set *set = profile_files_load(get, &e);
	const struct error *trouble;

	if (!ok(set != NULL, name))
		return;
	trouble = profile_trouble(set, false);
	ok(trouble != NULL && strstr(trouble->text, why) != NULL,
	    "and why is told");
	ok(profile_check(set, "p", &e) == -1 && strstr(e.text, why) != NULL,
	    "to who asks for a profile as well");
	profile_free(set);
}

static void
test_load(void)
{
	char directory[] = "/tmp/sqsherd-profile-XXXXXX";
	struct profile_set *set;
	struct error e;
	char *path;
	FILE *f;

	if (!ok(mkdtemp(directory) != NULL, "a directory"))
		return;
	path = xasprintf("%s/config", directory);
	config_file = path;
	credentials_file = "/dev/null/nowhere";
	set = profile_files_load(get, &e);
	ok(set != NULL && !profile_exists(set, "default"),
	    "files that are not there are empty");
	profile_free(set);
	if ((f = fopen(path, "wb")) != NULL) {
		fputs("[default]\nregion = eu-west-1\n", f);
		fclose(f);
	}
	set = profile_files_load(get, &e);
	is_str(set != NULL ? profile_get(set, "default", "region") : NULL,
	    "eu-west-1", "a file is read");
	is_str(profile_option(get, set, "AWS_NONE", "region"), "eu-west-1",
	    "what no variable says the profile does");
	ok(!profile_flag(get, set, "AWS_NONE", "region"),
	    "a flag is true or it is not");
	profile_free(set);
	config_file = directory;
	is_absent("Is a directory", "a directory is not");
	unlink(path);
	(void)mkfifo(path, 0600);
	config_file = path;
	is_absent("not a regular file",
	    "nor is a FIFO, which nobody waits for");
	unlink(path);
	rmdir(directory);
	free(path);
	config_file = credentials_file = NULL;
}

static void
is_denied(const char *name)
{
	struct profile_set *set;
	struct error e = { .kind = ERROR_NONE };

	set = profile_files_load(get, &e);
	ok(set == NULL && e.kind == ERROR_OPERATOR && e.errnum == EACCES, name);
	profile_free(set);
}

/* A home of somebody else's, as that of root for a user without his own. */
static void
test_denied(void)
{
	char directory[] = "/tmp/sqsherd-profile-XXXXXX";
	struct profile_set *set;
	struct error e;
	char *path;

	if (!ok(mkdtemp(directory) != NULL, "a directory"))
		return;
	path = xasprintf("%s/config", directory);
	home = directory;
	(void)chmod(directory, 0);
	/* Root may look everywhere. */
	if (geteuid() == 0 && seteuid(65534) == -1)
		abort();
	set = profile_files_load(get, &e);
	ok(set != NULL && !profile_exists(set, "default"),
	    "files below a home that is closed to us are empty");
	profile_free(set);
	profile_variable = "p";
	is_denied("unless a profile was chosen");
	profile_variable = NULL;
	config_file = path;
	is_denied("or the file named");
	config_file = NULL;
	credentials_file = path;
	is_denied("the other one as well");
	credentials_file = NULL;
	if (geteuid() != getuid() && seteuid(getuid()) == -1)
		abort();
	home = NULL;
	rmdir(directory);
	free(path);
}

/* ---- chains ---- */

static const char *
or_none(const char *s)
{
	return s != NULL ? s : "-";
}

static void
put_chain(struct buf *to, const struct profile_chain *c)
{
	static const char *const names[] = { "Keys", "Environment",
		"EcsContainer", "Ec2InstanceMetadata", "WebIdentity",
		"Process" };
	size_t i;

	buf_puts(to, names[c->base]);
	if (c->base == PROFILE_BASE_KEYS)
		buf_printf(to, " %s %s", c->access_key_id,
		    c->secret_access_key);
	if (c->base == PROFILE_BASE_WEB_IDENTITY)
		buf_printf(to, " %s %s %s", c->web_identity.arn, c->token_file,
		    or_none(c->web_identity.session_name));
	if (c->base == PROFILE_BASE_PROCESS)
		buf_printf(to, " %s", c->process);
	for (i = 0; i < c->n_roles; i++)
		buf_printf(to, "; %s %s %s", c->roles[i].arn,
		    or_none(c->roles[i].session_name),
		    or_none(c->roles[i].external_id));
}

/* The chain of profile A, "none", or the error. */
static void
resolve(const char *config, struct buf *to)
{
	const struct span nothing = { "", 0 };
	struct profile_chain chain;
	struct profile_set *set;
	struct error e;

	set = profile_parse(span_of(config), nothing);
	switch (profile_resolve(set, "A", &chain, &e)) {
	case 1:
		put_chain(to, &chain);
		break;
	case 0:
		buf_puts(to, "none");
		break;
	default:
		buf_printf(to, "%s: %s", error_kind_name(e.kind), e.text);
	}
	profile_free(set);
}

#define A      "[profile A]\n"
#define B      "[profile B]\n"
#define ROLE_A "role_arn = arn:A\n"
#define ROLE_B "role_arn = arn:B\n"
#define KEYS   "aws_access_key_id = id\naws_secret_access_key = secret\n"

static void
test_chains(void)
{
	static const struct {
		const char *config, *want, *name;
	} cases[] = {
		{ "", "none", "a profile that is not there" },
		{ A "region = x\n", "none", "a profile without credentials" },
		{ A KEYS, "Keys id secret", "keys" },
		{ A "credential_process = x y\n" KEYS, "Process x y",
		    "a program goes before keys" },
		{ A ROLE_A "source_profile = B\nexternal_id = e\n" B KEYS,
		    "Keys id secret; arn:A - e", "a role with another's keys" },
		{ A ROLE_A "source_profile = B\n" B "credential_process = x\n",
		    "Process x; arn:A - -", "a role with a program's keys" },
		{ A ROLE_A
		    "source_profile = B\nrole_session_name = s\n" B ROLE_B
		    "credential_source = EcsContainer\n",
		    "EcsContainer; arn:B - -; arn:A s -",
		    "a role for a role of the container" },
		{ A ROLE_A "credential_source = Mars\n",
		    "operator: profile 'A' has a credential_source that is "
		    "none of Environment, EcsContainer, Ec2InstanceMetadata",
		    "a source that nobody knows" },
		{ A ROLE_A "source_profile = B\nmfa_serial = m\n" B KEYS,
		    "operator: profile 'A' has mfa_serial, but sqsherd "
		    "cannot ask for an MFA code",
		    "a role that wants a code" },
		{ A ROLE_A "source_profile = B\nduration_seconds = 60\n" B KEYS,
		    "operator: profile 'A' has a duration_seconds that is not "
		    "from 900 to 43200",
		    "a session that is too short" },
		{ A "sso_session = s\n",
		    "operator: profile 'A' is of SSO, which needs a person: "
		    "choose a profile that has credential_process = aws "
		    "configure export-credentials --format process --profile A",
		    "SSO is refused with its cure" },
		{ A ROLE_A "source_profile = B\n" B ROLE_B
			   "source_profile = A\n",
		    "operator: profile 'A' leads back to itself by "
		    "source_profile",
		    "a loop" },
	};
	struct buf got = BUF_INIT(4096);
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		resolve(cases[i].config, &got);
		is_str(buf_str(&got), cases[i].want, cases[i].name);
		buf_reset(&got);
	}
	buf_release(&got);
}

static void
test_long_chain(void)
{
	struct buf config = BUF_INIT(4096), got = BUF_INIT(4096);
	int i;

	buf_puts(&config, A ROLE_A "source_profile = p0\n");
	for (i = 0; i < PROFILE_ROLES_MAX; i++)
		buf_printf(&config,
		    "[profile p%d]\nrole_arn = arn:%d\nsource_profile = p%d\n",
		    i, i, i + 1);
	resolve(buf_str(&config), &got);
	is_str(buf_str(&got),
	    "operator: profile 'p7' is at the end of too long a chain",
	    "the length of a chain has an end");
	buf_release(&config);
	buf_release(&got);
}

/* ---- the SDKs' cases ---- */

/* "" if they are the same, else what is missing or too much. */
static void
compare_profiles(yajl_val want, const struct profile_set *set, struct buf *diff)
{
	struct buf all = BUF_INIT(65536);
	size_t i, j, n = 0;
	yajl_val properties;
	const char *profile, *key, *value, *have, *p;

	for (i = 0; want != NULL && i < want->u.object.len; i++) {
		profile = want->u.object.keys[i];
		properties = want->u.object.values[i];
		if (!profile_exists(set, profile))
			buf_printf(diff, "no %s ", profile);
		for (j = 0; j < properties->u.object.len; j++, n++) {
			key = properties->u.object.keys[j];
			value = YAJL_GET_STRING(properties->u.object.values[j]);
			have = profile_get(set, profile, key);
			if (have == NULL || strcmp(have, value) != 0)
				buf_printf(diff, "%s.%s is %s ", profile, key,
				    or_none(have));
		}
	}
	profile_each(set, on_property, &all);
	for (p = buf_str(&all); *p != '\0'; p++)
		if (*p == '|' && n-- == 0)
			buf_puts(diff, "more than that");
	buf_release(&all);
}

static void
shared_parse(yajl_val test)
{
	yajl_val input = shared_member(test, "input");
	yajl_val output = shared_member(test, "output");
	const char *config = shared_text(input, "configFile");
	const char *credentials = shared_text(input, "credentialsFile");
	const char *wrong = shared_text(output, "errorContaining");
	struct buf diff = BUF_INIT(65536);
	struct profile_set *set =
	    profile_parse(span_of(config != NULL ? config : ""),
		span_of(credentials != NULL ? credentials : ""));
	const struct error *e = profile_trouble(set, false);

	/* The AWS CLI reads it. */
	if (config != NULL && strstr(config, "key : value") != NULL)
		wrong = NULL;
	if (wrong != NULL) {
		if (e == NULL || strcasestr(e->text, wrong) == NULL)
			buf_printf(&diff, "error is '%s'",
			    e != NULL ? e->text : "");
	} else if (e != NULL) {
		buf_puts(&diff, e->text);
	} else if (output != NULL && shared_member(output, "config") != NULL) {
		compare_profiles(shared_member(shared_member(output, "config"),
				     "profiles"),
		    set, &diff);
	}
	is_str(buf_str(&diff), "", shared_text(test, "name"));
	profile_free(set);
	buf_release(&diff);
}

static void
test_shared_parser(void)
{
	yajl_val tree =
	    shared_json("aws-credential-tests/profile-parser-tests.json");
	yajl_val tests;
	size_t i;

	if (tree == NULL) {
		tap_skip("the SDKs' files", shared_absent);
		return;
	}
	tests = shared_member(tree, "tests");
	for (i = 0; i < tests->u.array.len; i++)
		shared_parse(tests->u.array.values[i]);
	yajl_tree_free(tree);
}

static yajl_val location_environment;

static const char *
get_location(const char *name)
{
	return shared_text(location_environment, name);
}

static void
test_shared_locations(void)
{
	yajl_val tree =
	    shared_json("aws-credential-tests/file-location-tests.json");
	yajl_val tests, test;
	size_t i;
	char *path;

	if (tree == NULL) {
		tap_skip("the SDKs' locations", shared_absent);
		return;
	}
	tests = shared_member(tree, "tests");
	for (i = 0; i < tests->u.array.len; i++) {
		test = tests->u.array.values[i];
		if (strcmp(shared_text(test, "platform"), "linux") != 0)
			continue;
		location_environment = shared_member(test, "environment");
		path = profile_files_config_path(get_location);
		is_str(path, shared_text(test, "configLocation"),
		    shared_text(test, "name"));
		free(path);
		path = profile_files_credentials_path(get_location);
		is_str(path, shared_text(test, "credentialsLocation"),
		    shared_text(test, "name"));
		free(path);
		if (shared_text(test, "profile") != NULL)
			is_str(profile_name(get_location),
			    shared_text(test, "profile"),
			    shared_text(test, "name"));
	}
	yajl_tree_free(tree);
}

/* The profiles of a case as a file. */
static void
write_profiles(yajl_val profiles, struct buf *to)
{
	yajl_val properties;
	size_t i, j;

	for (i = 0; i < profiles->u.object.len; i++) {
		buf_printf(to, "[profile %s]\n", profiles->u.object.keys[i]);
		properties = profiles->u.object.values[i];
		for (j = 0; j < properties->u.object.len; j++)
			buf_printf(to, "%s = %s\n",
			    properties->u.object.keys[j],
			    YAJL_GET_STRING(properties->u.object.values[j]));
	}
}

/* A chain as put_chain writes it; false: of a kind that we refuse (SSO). */
static bool
write_chain(yajl_val links, struct buf *to)
{
	yajl_val one, keys, role, web;
	size_t i;

	for (i = 0; i < links->u.array.len; i++) {
		one = links->u.array.values[i];
		keys = shared_member(one, "AccessKey");
		role = shared_member(one, "AssumeRole");
		web = shared_member(one, "WebIdentityToken");
		if (keys != NULL)
			buf_printf(to, "Keys %s %s",
			    shared_text(keys, "access_key_id"),
			    shared_text(keys, "secret_access_key"));
		else if (role != NULL)
			buf_printf(to, "; %s %s %s",
			    shared_text(role, "role_arn"),
			    or_none(shared_text(role, "role_session_name")),
			    or_none(shared_text(role, "external_id")));
		else if (web != NULL)
			buf_printf(to, "WebIdentity %s %s %s",
			    shared_text(web, "role_arn"),
			    shared_text(web, "web_identity_token_file"),
			    or_none(shared_text(web, "role_session_name")));
		else if (shared_text(one, "NamedSource") != NULL)
			buf_puts(to, shared_text(one, "NamedSource"));
		else
			return false;
	}
	return true;
}

static void
shared_chain(yajl_val test)
{
	yajl_val links =
	    shared_member(shared_member(test, "output"), "ProfileChain");
	struct buf config = BUF_INIT(65536), want = BUF_INIT(65536),
		   got = BUF_INIT(65536);
	const char *name = shared_text(test, "docs");

	write_profiles(shared_member(test, "profiles") != NULL
		? shared_member(test, "profiles")
		: shared_member(shared_member(test, "input"), "profiles"),
	    &config);
	resolve(buf_str(&config), &got);
	if (links != NULL && write_chain(links, &want))
		is_str(buf_str(&got), buf_str(&want), name);
	else if (links != NULL ||
	    strstr(buf_str(&config), "sso_session") != NULL)
		ok(strstr(buf_str(&got), "export-credentials") != NULL, name);
	else
		ok(strncmp(buf_str(&got), "operator: ", 10) == 0 ||
			strcmp(buf_str(&got), "none") == 0,
		    name);
	buf_release(&config);
	buf_release(&want);
	buf_release(&got);
}

static void
test_shared_chains(void)
{
	yajl_val tree =
	    shared_json("aws-credential-tests/assume-role-tests.json");
	size_t i;

	if (tree == NULL) {
		tap_skip("the SDKs' chains of roles", shared_absent);
		return;
	}
	for (i = 0; i < tree->u.array.len; i++)
		shared_chain(tree->u.array.values[i]);
	yajl_tree_free(tree);
}

int
main(void)
{
	test_parser();
	test_wrong_lines();
	test_faults();
	test_services();
	test_paths();
	test_load();
	test_denied();
	test_chains();
	test_long_chain();
	test_shared_parser();
	test_shared_locations();
	test_shared_chains();
	return tap_done();
}
