/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A main for a fuzz harness without a fuzzer: runs every file named on the
 * command line, and every file of a directory named there, through the
 * harness once.  So a crash that fuzzing found becomes a test under any
 * compiler.  Speaks TAP.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int runs;

static void
run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data;
	long size;

	if (f == NULL || fseek(f, 0, SEEK_END) == -1 ||
	    (size = ftell(f)) == -1) {
		printf("not ok %d - cannot read %s\n", ++runs, path);
		exit(1);
	}
	rewind(f);
	/* Exactly as large as the input, so that sanitizers see an overrun. */
	data = malloc((size_t)size > 0 ? (size_t)size : 1);
	if (data == NULL || fread(data, 1, (size_t)size, f) != (size_t)size) {
		printf("not ok %d - cannot read %s\n", ++runs, path);
		exit(1);
	}
	fclose(f);
	LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
	printf("ok %d - %s\n", ++runs, path);
}

static void
run_directory(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	char file[4096];

	if (d == NULL) {
		printf("not ok %d - cannot read %s\n", ++runs, path);
		exit(1);
	}
	while ((entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(file, sizeof(file), "%s/%s", path, entry->d_name) <
		    (int)sizeof(file))
			run_file(file);
	}
	closedir(d);
}

int
main(int argc, char **argv)
{
	struct stat st;
	int i;

	for (i = 1; i < argc; i++) {
		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
			run_directory(argv[i]);
		else
			run_file(argv[i]);
	}
	printf("1..%d\n", runs);
	return runs == 0;
}
