/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The first bytes of a program.  See program_head.h.
 *
 * A first line is read as fs/binfmt_script.c of the kernel reads it, an ELF
 * file as fs/binfmt_elf.c does; see also execve(2).
 */
#include "common/base/program_head.h"

#include <elf.h>
#include <limits.h>
#include <link.h>
#include <string.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

#define BLANKS " \t"

static bool
begins_with(struct span bytes, const char *text, size_t len)
{
	return bytes.len >= len && memcmp(bytes.p, text, len) == 0;
}

/* ---- scripts ---- */

/*
 * The kernel looks at a line without its end: up to a newline, else up to a
 * NUL, which stands behind the end of a short file.  False: the bytes that the
 * kernel reads hold neither.
 */
static bool
copy_line(struct span bytes, char line[PROGRAM_LINE_BYTES + 1])
{
	size_t len =
	    bytes.len < PROGRAM_LINE_BYTES ? bytes.len : PROGRAM_LINE_BYTES;
	const char *eol = memchr(bytes.p, '\n', len);
	bool is_whole = eol != NULL || bytes.len < PROGRAM_LINE_BYTES;

	if (eol != NULL)
		len = (size_t)(eol - bytes.p);
	memcpy(line, bytes.p, len);
	line[len] = '\0';
	return is_whole || strlen(line) < len;
}

static void
cut_blanks(char *line)
{
	size_t len = strlen(line);

	while (len > 0 && strchr(BLANKS, line[len - 1]) != NULL)
		line[--len] = '\0';
}

static void
parse_script(struct span bytes, struct program_head *ret)
{
	char line[PROGRAM_LINE_BYTES + 1], *name, *end;
	bool is_whole = copy_line(bytes, line);

	name = line + 2 + strspn(line + 2, BLANKS);
	end = name + strcspn(name, BLANKS);
	ret->kind = PROGRAM_SCRIPT;
	if (*name == '\0')
		ret->kind = PROGRAM_NAMELESS;
	else if (!is_whole && *end == '\0')
		ret->kind = PROGRAM_CUT;
	if (ret->kind != PROGRAM_SCRIPT)
		return;
	cut_blanks(end);
	(void)strlcpy(ret->argument, end + strspn(end, BLANKS),
	    sizeof(ret->argument));
	*end = '\0';
	(void)strlcpy(ret->interpreter, name, sizeof(ret->interpreter));
}

/* A word of env -S that stands for itself. */
static bool
is_plain(const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (strchr("\"'\\$#", p[i]) != NULL)
			return false;
	return len > 0 && p[0] != '-';
}

/* The first word of an env -S that is no assignment. */
static bool
split_name(const char *p, char *ret, size_t size)
{
	static const char separators[] = " \t\n\v\f\r";
	size_t len;

	for (;; p += len) {
		p += strspn(p, separators);
		len = strcspn(p, separators);
		/*
		 * env looks in a PATH that is assigned here, which program_find
		 * does not know.
		 */
		if (!is_plain(p, len) || strncmp(p, "PATH=", 5) == 0 ||
		    len >= size)
			return false;
		if (memchr(p, '=', len) == NULL)
			break;
	}
	memcpy(ret, p, len);
	ret[len] = '\0';
	return true;
}

/*
 * A program that is called env in another directory may set a PATH of its own.
 */
static bool
is_env(const char *interpreter)
{
	return strcmp(interpreter, "/usr/bin/env") == 0 ||
	    strcmp(interpreter, "/bin/env") == 0;
}

bool
program_head_env_name(const struct program_head *head, char *ret, size_t size)
{
	static const char *const options[] = { "-S", "--split-string=" };
	const char *p = head->argument;
	size_t i;

	if (head->kind != PROGRAM_SCRIPT || !is_env(head->interpreter))
		return false;
	for (i = 0; i < nitems(options); i++)
		if (strncmp(p, options[i], strlen(options[i])) == 0)
			return split_name(p + strlen(options[i]), ret, size);
	if (p[0] == '\0' || p[0] == '-' || strchr(p, '=') != NULL)
		return false;
	return strlcpy(ret, p, size) < size;
}

/* ---- ELF ---- */

/* The linker puts the header of this program here. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

/* A 64-bit kernel may run programs of 32 bits as well. */
static unsigned
family_of(unsigned machine)
{
	switch (machine) {
	case EM_386:
		return EM_X86_64;
	case EM_ARM:
		return EM_AARCH64;
	default:
		return machine;
	}
}

/* The beginning of an ELF header, which is the same for 32 and 64 bits. */
struct elf_start {
	unsigned char ident[EI_NIDENT];
	uint16_t type;
	uint16_t machine;
};

struct elf_table {
	uint64_t offset;
	size_t entry_bytes;
	size_t n;
};

static int
read_table(struct span bytes, bool is_wide, struct elf_table *ret)
{
	Elf64_Ehdr wide;
	Elf32_Ehdr narrow;

	if (bytes.len < (is_wide ? sizeof(wide) : sizeof(narrow)))
		return -1;
	if (is_wide) {
		memcpy(&wide, bytes.p, sizeof(wide));
		*ret = (struct elf_table){ wide.e_phoff, wide.e_phentsize,
			wide.e_phnum };
		return ret->entry_bytes == sizeof(Elf64_Phdr) ? 0 : -1;
	}
	memcpy(&narrow, bytes.p, sizeof(narrow));
	*ret = (struct elf_table){ narrow.e_phoff, narrow.e_phentsize,
		narrow.e_phnum };
	return ret->entry_bytes == sizeof(Elf32_Phdr) ? 0 : -1;
}

static enum program_kind
parse_elf(struct span bytes, struct program_head *ret)
{
	struct elf_start start;
	struct elf_table table;

	if (bytes.len < sizeof(start))
		return PROGRAM_DAMAGED;
	memcpy(&start, bytes.p, sizeof(start));
	if (start.ident[EI_DATA] != __ehdr_start.e_ident[EI_DATA] ||
	    family_of(start.machine) != family_of(__ehdr_start.e_machine))
		return PROGRAM_FOREIGN;
	if (start.type != ET_EXEC && start.type != ET_DYN)
		return PROGRAM_OBJECT;
	ret->is_wide = start.ident[EI_CLASS] == ELFCLASS64;
	if (read_table(bytes, ret->is_wide, &table) == -1 || table.n == 0 ||
	    table.n * table.entry_bytes > PROGRAM_TABLE_BYTES ||
	    table.offset > INT64_MAX - PROGRAM_TABLE_BYTES)
		return PROGRAM_DAMAGED;
	ret->table_offset = table.offset;
	ret->table_bytes = table.n * table.entry_bytes;
	return PROGRAM_ELF;
}

struct elf_part {
	uint32_t type;
	uint64_t offset;
	uint64_t bytes;
};

static struct elf_part
read_part(const char *p, bool is_wide)
{
	Elf64_Phdr wide;
	Elf32_Phdr narrow;

	if (is_wide) {
		memcpy(&wide, p, sizeof(wide));
		return (struct elf_part){ wide.p_type, wide.p_offset,
			wide.p_filesz };
	}
	memcpy(&narrow, p, sizeof(narrow));
	return (
	    struct elf_part){ narrow.p_type, narrow.p_offset, narrow.p_filesz };
}

int
program_head_interpreter(const struct program_head *head, struct span table,
    uint64_t *ret_offset, size_t *ret_len)
{
	size_t i,
	    step = head->is_wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	struct elf_part part;

	if (table.len < head->table_bytes)
		return -1;
	for (i = 0; i + step <= table.len; i += step) {
		part = read_part(table.p + i, head->is_wide);
		if (part.type != PT_INTERP)
			continue;
		if (part.bytes < 2 || part.bytes > PATH_MAX ||
		    part.offset > INT64_MAX - PATH_MAX)
			return -1;
		*ret_offset = part.offset;
		*ret_len = (size_t)part.bytes;
		return 1;
	}
	return 0;
}

/* ---- all ---- */

static enum program_kind
kind_of_other(struct span bytes)
{
	size_t len =
	    bytes.len < PROGRAM_LINE_BYTES ? bytes.len : PROGRAM_LINE_BYTES;

	return memchr(bytes.p, '\0', len) == NULL ? PROGRAM_TEXT
						  : PROGRAM_UNKNOWN;
}

void
program_head_parse(struct span bytes, struct program_head *ret)
{
	*ret = (struct program_head){ .kind = PROGRAM_EMPTY };
	if (bytes.len == 0)
		return;
	if (begins_with(bytes, "#!", 2))
		parse_script(bytes, ret);
	else if (begins_with(bytes, "\xEF\xBB\xBF#!", 5))
		ret->kind = PROGRAM_MARKED;
	else if (begins_with(bytes, ELFMAG, SELFMAG))
		ret->kind = parse_elf(bytes, ret);
	else
		ret->kind = kind_of_other(bytes);
}
