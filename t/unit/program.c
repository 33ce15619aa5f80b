/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What a program's first bytes say, and that program_check and execve(2) agree
 * on files of every kind.
 */
#include "common/base/program.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/base/program_head.h"
#include "common/base/xalloc.h"
#include "t/unit/tap.h"

enum {
	REPORT_FD = 3
};

static char dir[] = "/tmp/sqsherd-program-XXXXXX";

/* ---- the first line ---- */

static struct program_head
head_of(const char *text, size_t len)
{
	struct program_head head;

	program_head_parse((struct span){ text, len }, &head);
	return head;
}

static void
test_lines(void)
{
	static const struct {
		const char *text, *interpreter, *argument;
		enum program_kind kind;
	} cases[] = {
		{ "", "", "", PROGRAM_EMPTY },
		{ "#!/bin/sh\n", "/bin/sh", "", PROGRAM_SCRIPT },
		{ "#!/bin/sh", "/bin/sh", "", PROGRAM_SCRIPT },
		{ "#! \t/bin/sh \t\n", "/bin/sh", "", PROGRAM_SCRIPT },
		{ "#!/bin/sh -e  -u \nx", "/bin/sh", "-e  -u", PROGRAM_SCRIPT },
		{ "#!/bin/sh\r\n", "/bin/sh\r", "", PROGRAM_SCRIPT },
		{ "#!/bin/sh -e\r\n", "/bin/sh", "-e\r", PROGRAM_SCRIPT },
		{ "#!\n", "", "", PROGRAM_NAMELESS },
		{ "#!", "", "", PROGRAM_NAMELESS },
		{ "#! \t \n/bin/sh", "", "", PROGRAM_NAMELESS },
		{ "\xEF\xBB\xBF#!/bin/sh\n", "", "", PROGRAM_MARKED },
		{ "echo\n", "", "", PROGRAM_TEXT },
		{ "\n#!/bin/sh\n", "", "", PROGRAM_TEXT },
	};
	struct program_head head;
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		head = head_of(cases[i].text, strlen(cases[i].text));
		is_int(head.kind, cases[i].kind, "the kind of a first line");
		is_str(head.interpreter, cases[i].interpreter,
		    "its interpreter");
		is_str(head.argument, cases[i].argument, "its argument");
	}
}

static void
test_env_names(void)
{
	static const struct {
		const char *line, *name;
	} cases[] = {
		{ "#!/usr/bin/env python3\n", "python3" },
		{ "#!/bin/env python3\r\n", "python3\r" },
		{ "#!/usr/bin/env python3 -u\n", "python3 -u" },
		{ "#!/usr/bin/env -S python3 -u\r\n", "python3" },
		{ "#!/usr/bin/env -Spython3\n", "python3" },
		{ "#!/usr/bin/env --split-string=A=1 python3\n", "python3" },
		{ "#!/usr/bin/env -S PATH=/x python3\n", NULL },
		{ "#!/usr/bin/env -S -i python3\n", NULL },
		{ "#!/usr/bin/env -S \"python3\"\n", NULL },
		{ "#!/usr/bin/env -S\n", NULL },
		{ "#!/usr/bin/env -i\n", NULL },
		{ "#!/usr/bin/env A=1\n", NULL },
		{ "#!/usr/bin/env\n", NULL },
		{ "#!/bin/sh x\n", NULL },
	};
	struct program_head head;
	char name[PROGRAM_LINE_BYTES];
	size_t i;
	bool found;

	for (i = 0; i < nitems(cases); i++) {
		head = head_of(cases[i].line, strlen(cases[i].line));
		found = program_head_env_name(&head, name, sizeof(name));
		is_str(found ? name : NULL, cases[i].name,
		    "what a first line asks env for");
	}
}

/* ---- against execve ---- */

static char *
make(const char *name, const void *bytes, size_t len, mode_t mode)
{
	char *path = xasprintf("%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd == -1 || write(fd, bytes, len) != (ssize_t)len ||
	    fchmod(fd, mode) == -1 || close(fd) == -1)
		abort();
	return path;
}

/* This program, which is begun again to try another: valgrind bears no execve
   that fails, and does not follow one that does not. */
static char *self;

/* What is begun again: reports errno in REPORT_FD, nothing if it does start. */
static _Noreturn void
report_execve(const char *path)
{
	char word[] = "x";
	char *argv[] = { word, NULL }, *none[] = { NULL };
	int error;

	(void)fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC);
	(void)execve(path, argv, none);
	error = errno;
	(void)!write(REPORT_FD, &error, sizeof(error));
	_exit(0);
}

/* errno of an execve of it, 0 if it does start. */
static int
try_execve(char *path)
{
	char option[] = "--try";
	char *argv[] = { self, option, path, NULL }, *none[] = { NULL };
	int report[2], error = 0, null;
	pid_t pid;

	if (pipe2(report, O_CLOEXEC) == -1 || (pid = fork()) == -1)
		abort();
	if (pid == 0) {
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		if (dup2(report[1], REPORT_FD) == REPORT_FD)
			(void)fcntl(REPORT_FD, F_SETFD, 0);
		execve(self, argv, none);
		error = -1;
		(void)!write(report[1], &error, sizeof(error));
		_exit(1);
	}
	close(report[1]);
	if (read(report[0], &error, sizeof(error)) == -1)
		abort();
	close(report[0]);
	waitpid(pid, NULL, 0);
	return error;
}

/* Both say the same; returns why, borrowed. */
static const char *
agrees(char *path, const char *name)
{
	static struct error e;
	enum program_verdict verdict = program_check(path, &e);

	is_int(verdict == PROGRAM_GOOD ? 0 : e.errnum, try_execve(path), name);
	free(path);
	return e.text;
}

static const char *
script(const char *text, const char *name)
{
	return agrees(make("script", text, strlen(text), 0755), name);
}

static void
test_scripts(void)
{
	char text[600], *path, name[8];
	size_t i;
	struct error e;

	is_str(script("", "an empty file"), "it is empty", "and why");
	is_str(script("#!/bin/sh\n", "a script"), "", "and why");
	is_str(script("#!/bin/sh\r\n", "a carriage return"),
	    "its first line ends in a carriage return; save it with the line "
	    "ends of Unix",
	    "and why");
	is_str(script("#!/no/such\n", "no interpreter there"),
	    "its interpreter \"/no/such\" cannot be started: it does not exist",
	    "and why");
	is_str(script("#!/tmp\n", "a directory as interpreter"),
	    "its interpreter \"/tmp\" cannot be started: it is a directory",
	    "and why");
	is_str(script("#!sh-that-is-not-here\n", "a relative interpreter"),
	    "its interpreter \"sh-that-is-not-here\" cannot be started: it does not exist",
	    "and why");
	is_str(script("echo hello\n", "a script without #!"),
	    "it is a script without #! and an interpreter in its first line; "
	    "write, for instance, #!/bin/sh",
	    "and why");
	is_str(script("#!\n", "a #! alone"),
	    "it has a #! that names no interpreter; write, for instance, "
	    "#!/bin/sh",
	    "and why");
	script("#!/dev/null\n", "a device as interpreter");
	for (i = 250; i < 262; i++) {
		memset(text, 'a', sizeof(text));
		memcpy(text, "#!/", 3);
		text[i] = '\n';
		text[i + 1] = '\0';
		script(text, "a name of about as much as the kernel reads");
		memset(text + 2, ' ', i - 2);
		script(text, "so many blanks");
		memcpy(text + 2, "/bin/sh", 7);
		memset(text + 10, 'x', i - 10);
		script(text, "an argument of so much");
		(void)snprintf(text, sizeof(text), "#!%*s\n", (int)i,
		    "/bin/sh");
		script(text, "a name so far back");
	}
	path = make("0", "#!/bin/sh\n", 10, 0755);
	for (i = 1; i < 8; i++) {
		free(path);
		(void)snprintf(text, sizeof(text), "#!%s/%zu\n", dir, i - 1);
		(void)snprintf(name, sizeof(name), "%zu", i);
		path = make(name, text, strlen(text), 0755);
		agrees(xstrdup(path), "scripts that are interpreters");
	}
	free(path);
	path = make("doubt", "#!/bin/sh -e\r\n", 14, 0755);
	is_int(program_check(path, &e), PROGRAM_DOUBTFUL,
	    "a carriage return behind an argument is for the interpreter");
	free(path);
	agrees(make("mode", "#!/bin/sh\n", 10, 0644), "no x");
	agrees(xstrdup("/tmp"), "a directory");
	agrees(xstrdup("/dev/null"), "a device");
	agrees(xstrdup("/no/such/file"), "nothing");
	agrees(xstrdup("/etc/passwd/x"), "below a file");
}

static void
test_env(void)
{
	char *path;
	struct error e;

	path = make("env", "#!/usr/bin/env no-such-x\n", 25, 0755);
	is_int(program_check(path, &e), PROGRAM_BROKEN, "env is asked in vain");
	is_str(e.text,
	    "its first line asks env for \"no-such-x\", which is not in PATH",
	    "and why");
	free(path);
	path = make("env", "#!/usr/bin/env sh\r\n", 19, 0755);
	is_int(program_check(path, &e), PROGRAM_BROKEN,
	    "env is asked with a carriage return");
	free(path);
	path = make("env", "#!/usr/bin/env sh -e\n", 21, 0755);
	is_int(program_check(path, &e), PROGRAM_BROKEN,
	    "env is asked for two words at once");
	free(path);
	path = make("env", "#!/usr/bin/env -S sh -e\n", 24, 0755);
	is_int(program_check(path, &e), PROGRAM_GOOD, "env splits with -S");
	free(path);
	path = xasprintf("#!/usr/bin/env %s/env\n", dir);
	free(make("env", path, strlen(path), 0755));
	free(path);
	path = xasprintf("%s/env", dir);
	is_int(program_check(path, &e), PROGRAM_GOOD,
	    "a script that asks env for itself is looked into for a while");
	free(path);
}

/* A program that ends at once, for copies with a few bytes changed. */
static struct {
	char *bytes;
	size_t len;
} model;

static void
read_model(void)
{
	int fd = open("/bin/true", O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1)
		abort();
	model.len = (size_t)st.st_size;
	model.bytes = xmalloc(model.len);
	if (read(fd, model.bytes, model.len) != st.st_size)
		abort();
	close(fd);
}

static const char *
patched(size_t at, unsigned value, size_t len, const char *name)
{
	char *copy = xmemdup0(model.bytes, model.len);
	const char *why;
	size_t i;

	for (i = 0; i < len; i++, value >>= 8)
		copy[at + i] = (char)(value & 0xFF);
	why = agrees(make("elf", copy, model.len, 0755), name);
	free(copy);
	return why;
}

static void
test_elf(void)
{
	Elf64_Ehdr header;
	Elf64_Phdr part;
	size_t i, at;

	read_model();
	memcpy(&header, model.bytes, sizeof(header));
	if (header.e_ident[EI_CLASS] != ELFCLASS64 ||
	    header.e_ident[EI_DATA] != ELFDATA2LSB) {
		tap_skip("ELF files", "this machine's are of another class");
		return;
	}
	is_str(patched(offsetof(Elf64_Ehdr, e_machine), EM_S390, 2,
		   "an ELF file of another machine"),
	    "it is an ELF file of another architecture; build it for this one",
	    "and why");
	is_str(patched(offsetof(Elf64_Ehdr, e_type), ET_REL, 2,
		   "an object file"),
	    "it is an ELF file but no program; link it", "and why");
	patched(offsetof(Elf64_Ehdr, e_phnum), 0, 2, "no program headers");
	patched(offsetof(Elf64_Ehdr, e_phentsize), 1, 2, "odd headers");
	patched(offsetof(Elf64_Ehdr, e_phoff), 0x7FFFFFFF, 4, "headers afar");
	agrees(make("elf", model.bytes, 30, 0755), "an ELF file that is cut");
	agrees(make("elf", model.bytes, 70, 0755), "or cut a little later");
	for (i = 0; i < header.e_phnum; i++) {
		at = header.e_phoff + i * sizeof(part);
		memcpy(&part, model.bytes + at, sizeof(part));
		if (part.p_type == PT_INTERP)
			break;
	}
	if (i == header.e_phnum) {
		tap_skip("a program interpreter", "this program has none");
		return;
	}
	is_int(strncmp(patched(part.p_offset + 1, 'X', 1,
			   "a program interpreter that is missing"),
		   "its program interpreter /X", 26),
	    0, "and why");
	patched(at + offsetof(Elf64_Phdr, p_filesz), 1, 4,
	    "a program interpreter of no name");
	patched(part.p_offset + part.p_filesz - 1, 'X', 1,
	    "a program interpreter whose name has no end");
	agrees(make("elf", model.bytes, model.len, 0711), "an ELF file");
}

static void
remove_dir(void)
{
	static const char *const names[] = { "script", "0", "1", "2", "3", "4",
		"5", "6", "7", "doubt", "mode", "env", "elf" };
	char *path;
	size_t i;

	for (i = 0; i < nitems(names); i++) {
		path = xasprintf("%s/%s", dir, names[i]);
		(void)unlink(path);
		free(path);
	}
	if (rmdir(dir) == -1)
		abort();
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--try") == 0)
		report_execve(argv[2]);
	self = argv[0];
	test_lines();
	test_env_names();
	if (mkdtemp(dir) == NULL)
		abort();
	test_scripts();
	test_env();
	if (access("/proc/sys/fs/binfmt_misc/status", F_OK) == 0)
		tap_skip("ELF files", "this kernel may know other formats");
	else
		test_elf();
	free(model.bytes);
	remove_dir();
	return tap_done();
}
