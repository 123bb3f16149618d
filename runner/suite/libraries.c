/* SPDX-License-Identifier: MIT */
/*
 * Read from the dynamic section, elf(5). It is anybody's file: all that it says is checked against
 * its size.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "suite/candidate.h"
#include "suite/libraries.h"

struct program {
	const char *path;
	const unsigned char *data;
	size_t size;
	Elf64_Ehdr header;
	uint64_t strings, search; /* where they are in the file; 0: there is none */
};

static bool take(const struct program *program, uint64_t offset, void *to, size_t size)
{
	if (offset > program->size || program->size - offset < size)
		return false;
	memcpy(to, program->data + offset, size);
	return true;
}

/* The text that begins there, if it also ends in the file. */
static const char *text_at(const struct program *program, uint64_t offset)
{
	const char *text = (const char *)program->data + offset;

	return offset < program->size && memchr(text, '\0', program->size - offset) ? text : NULL;
}

/* The part of this type; of PT_LOAD the one that has the address. */
static bool find_part(const struct program *program, uint32_t type, uint64_t address,
		      Elf64_Phdr *part)
{
	for (unsigned i = 0; i < program->header.e_phnum; i++) {
		uint64_t at = program->header.e_phoff + (uint64_t)i * sizeof(*part);

		if (take(program, at, part, sizeof(*part)) && part->p_type == type &&
		    (type != PT_LOAD || address - part->p_vaddr < part->p_filesz))
			return true;
	}
	return false;
}

/* Entry `number` of the dynamic section; false at its end. */
static bool take_entry(const struct program *program, const Elf64_Phdr *dynamic, size_t number,
		       Elf64_Dyn *entry)
{
	return number < dynamic->p_filesz / sizeof(*entry) &&
	       take(program, dynamic->p_offset + number * sizeof(*entry), entry, sizeof(*entry)) &&
	       entry->d_tag != DT_NULL;
}

/* DT_RPATH does not count beside DT_RUNPATH. */
static void find_texts(struct program *program, const Elf64_Phdr *dynamic)
{
	uint64_t old = 0, new = 0;
	Elf64_Dyn entry;
	Elf64_Phdr part;

	for (size_t i = 0; take_entry(program, dynamic, i, &entry); i++) {
		if (entry.d_tag == DT_RUNPATH)
			new = entry.d_un.d_val;
		else if (entry.d_tag == DT_RPATH)
			old = entry.d_un.d_val;
		else if (entry.d_tag == DT_STRTAB &&
			 find_part(program, PT_LOAD, entry.d_un.d_ptr, &part))
			program->strings = entry.d_un.d_ptr - part.p_vaddr + part.p_offset;
	}
	if (program->strings && (new || old))
		program->search = program->strings + (new ? new : old);
}

void put_version(FILE *to, const struct stat *status)
{
	fprintf(to, "%ju %ju %jd %jd.%09ld\n", (uintmax_t)status->st_dev, (uintmax_t)status->st_ino,
		(intmax_t)status->st_size, (intmax_t)status->st_mtim.tv_sec,
		status->st_mtim.tv_nsec);
}

/* Is it in this directory of the search path, in which $ORIGIN is that of the program? */
static bool put_if_there(const struct program *program, const char *directory, size_t size,
			 const char *name, FILE *to)
{
	static const char *const origins[] = {"$ORIGIN", "${ORIGIN}"};
	char path[2 * PATH_MAX] = "";
	struct stat status;

	for (size_t i = 0; i < 2; i++) {
		size_t known = strlen(origins[i]);
		const char *slash = strrchr(program->path, '/');

		if (size < known || strncmp(directory, origins[i], known) || !slash)
			continue;
		snprintf(path, PATH_MAX, "%.*s", (int)(slash - program->path), program->path);
		directory += known;
		size -= known;
		break;
	}
	if (size >= PATH_MAX)
		return false;
	snprintf(path + strlen(path), PATH_MAX, "%.*s/%s", (int)size, directory, name);
	if (stat(path, &status) || !S_ISREG(status.st_mode))
		return false;
	put_version(to, &status);
	return true;
}

static void put_library(const struct program *program, const char *name, FILE *to)
{
	const char *search = text_at(program, program->search);

	while (search) {
		size_t size = strcspn(search, ":");

		if (put_if_there(program, search, size, name, to) || !search[size])
			return;
		search += size + 1;
	}
}

void libraries_put(FILE *to, const char *path)
{
	struct program program = {.path = path};
	struct candidate candidate;
	Elf64_Phdr dynamic;
	Elf64_Dyn entry;

	candidate_look(&candidate, path);
	if (candidate.elf)
		program.data = candidate_bytes(&candidate, &program.size);
	if (program.data && take(&program, 0, &program.header, sizeof(program.header)) &&
	    program.header.e_ident[EI_CLASS] == ELFCLASS64 &&
	    find_part(&program, PT_DYNAMIC, 0, &dynamic)) {
		find_texts(&program, &dynamic);
		for (size_t i = 0; program.search && take_entry(&program, &dynamic, i, &entry);
		     i++) {
			const char *name =
				entry.d_tag == DT_NEEDED
					? text_at(&program, program.strings + entry.d_un.d_val)
					: NULL;

			if (name)
				put_library(&program, name, to);
		}
	}
	candidate_end(&candidate);
}
