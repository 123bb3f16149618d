/* SPDX-License-Identifier: MIT */
/*
 * What kinds may ask of a path that is to be recognised.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "suite/candidate.h"
#include "suite/digest.h"

#define LARGE 65536 /* bytes; below, memmem(3) is as fast for all marks */

void candidate_look(struct candidate *candidate, const char *path)
{
	struct stat status;
	char magic[SELFMAG];

	*candidate = (struct candidate){.path = path};
	if (stat(path, &status))
		return;
	candidate->directory = S_ISDIR(status.st_mode);
	candidate->executable = S_ISREG(status.st_mode) && !access(path, X_OK);
	if (candidate->executable) {
		fd_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

		candidate->elf = fd >= 0 && pread(fd, magic, SELFMAG, 0) == SELFMAG &&
				 !memcmp(magic, ELFMAG, SELFMAG);
	}
}

static void map(struct candidate *candidate)
{
	fd_close int fd = -1;
	struct stat status;
	void *data;

	candidate->mapped = true;
	/* To open a device or a FIFO can have effects. */
	if (stat(candidate->path, &status) || !S_ISREG(status.st_mode) || !status.st_size)
		return;
	fd = open(candidate->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	data = fd < 0 ? MAP_FAILED : mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return;
	candidate->data = data;
	candidate->size = status.st_size;
}

void candidate_end(struct candidate *candidate)
{
	if (candidate->data)
		munmap((void *)candidate->data, candidate->size);
	candidate->data = NULL;
	free(candidate->digest);
	candidate->digest = NULL;
}

const unsigned char *candidate_bytes(struct candidate *candidate, size_t *ret_size)
{
	if (!candidate->mapped)
		map(candidate);
	*ret_size = candidate->size;
	return candidate->data;
}

static bool take_part(const struct candidate *candidate, const Elf64_Ehdr *header, unsigned number,
		      Elf64_Phdr *part)
{
	uint64_t at = header->e_phoff + (uint64_t)number * sizeof(*part);

	if (at > candidate->size || candidate->size - at < sizeof(*part))
		return false;
	memcpy(part, candidate->data + at, sizeof(*part));
	if (part->p_type != PT_LOAD || part->p_offset > candidate->size)
		return false;
	if (part->p_filesz > candidate->size - part->p_offset)
		part->p_filesz = candidate->size - part->p_offset;
	return true;
}

/* Linkers of today keep what is only read apart from code (ld -z separate-code). */
static bool has_text_apart(const struct candidate *candidate, const Elf64_Ehdr *header)
{
	unsigned read_only = 0;
	Elf64_Phdr part;

	for (unsigned i = 0; i < header->e_phnum; i++)
		read_only += take_part(candidate, header, i, &part) && part.p_flags == PF_R;
	return read_only > 1; /* headers and names, constants */
}

/*
 * The parts of a program that are loaded: what debuggers read is often ten times as large. Code is
 * looked through only where constants may be among it. Calls `look` until it says true.
 */
static bool for_parts(struct candidate *candidate,
		      bool (*look)(struct candidate *candidate, const unsigned char *part,
				   size_t size, const char *bytes),
		      const char *bytes)
{
	Elf64_Ehdr header;
	Elf64_Phdr part;
	bool apart;

	if (candidate->size < sizeof(header) || candidate->data[EI_CLASS] != ELFCLASS64)
		return look(candidate, candidate->data, candidate->size, bytes);
	memcpy(&header, candidate->data, sizeof(header));
	apart = has_text_apart(candidate, &header);
	for (unsigned i = 0; i < header.e_phnum; i++) {
		if (!take_part(candidate, &header, i, &part) || (apart && part.p_flags & PF_X))
			continue;
		if (look(candidate, candidate->data + part.p_offset, part.p_filesz, bytes))
			return true;
	}
	return false;
}

static bool part_has(struct candidate *candidate, const unsigned char *part, size_t size,
		     const char *bytes)
{
	(void)candidate;
	return memmem(part, size, bytes, strlen(bytes));
}

static bool digest_part(struct candidate *candidate, const unsigned char *part, size_t size,
			const char *bytes)
{
	(void)bytes;
	digest_add(candidate->digest, part, size);
	return false;
}

static bool program_has(struct candidate *candidate, const char *bytes)
{
	if (!candidate->digest && candidate->size >= LARGE) {
		candidate->digest = calloc(1, sizeof(*candidate->digest));
		if (candidate->digest)
			for_parts(candidate, digest_part, NULL);
	}
	if (candidate->digest && !digest_may_hold(candidate->digest, bytes, strlen(bytes)))
		return false;
	return for_parts(candidate, part_has, bytes);
}

bool candidate_has(struct candidate *candidate, const char *bytes)
{
	size_t all;

	if (!candidate_bytes(candidate, &all))
		return false;
	if (candidate->elf)
		return program_has(candidate, bytes);
	return memmem(candidate->data, candidate->size, bytes, strlen(bytes));
}

bool candidate_ends(struct candidate *candidate, const char *ending)
{
	size_t path = strlen(candidate->path), size = strlen(ending);

	return path > size && !strcmp(candidate->path + path - size, ending);
}

bool candidate_runs(struct candidate *candidate, const char *interpreter)
{
	size_t size = strlen(interpreter), all, line;
	const char *at = (const char *)candidate_bytes(candidate, &all), *end;

	if (!at || all < 2 || memcmp(at, "#!", 2))
		return false;
	end = memchr(at, '\n', all);
	line = end ? (size_t)(end - at) : all;
	for (size_t i = 2; i + size <= line; i++)
		if (!memcmp(at + i, interpreter, size) && strchr("!/ \t", at[i - 1]) &&
		    (i + size == line || strchr(" \t\r", at[i + size])))
			return true;
	return false;
}

bool candidate_holds(struct candidate *candidate, const char *name)
{
	char path[PATH_MAX];

	return candidate->directory &&
	       snprintf(path, sizeof(path), "%s/%s", candidate->path, name) < (int)sizeof(path) &&
	       !access(path, F_OK);
}
