/* SPDX-License-Identifier: MIT */
/*
 * What a file is, told from its first bytes and its ELF notes, never by running it.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "suite.h"

#if defined(__x86_64__)
#define OWN_MACHINE EM_X86_64
#define OWN_32_BITS EM_386
#elif defined(__aarch64__)
#define OWN_MACHINE EM_AARCH64
#define OWN_32_BITS EM_ARM
#else
#error "say here which ELF machine this is"
#endif

/* A mapped file. Every access is checked against its size: it is anybody's file. */
struct image {
	const unsigned char *data;
	size_t size;
};

static const void *image_at(const struct image *image, uint64_t offset, uint64_t size)
{
	return offset <= image->size && size <= image->size - offset ? image->data + offset : NULL;
}

/* Headers are copied: in a damaged file they may stand anywhere, aligned or not. */
static bool image_copy(const struct image *image, uint64_t offset, void *to, size_t size)
{
	const void *from = image_at(image, offset, size);

	if (from)
		memcpy(to, from, size);
	return from != NULL;
}

static bool has_note(const struct image *image, uint64_t offset, uint64_t size)
{
	while (size >= sizeof(Elf64_Nhdr)) {
		uint64_t name_size, total;
		const char *name;
		Elf64_Nhdr note;

		if (!image_copy(image, offset, &note, sizeof(note)))
			return false;
		name_size = ((uint64_t)note.n_namesz + 3) & ~3ull;
		total = sizeof(note) + name_size + (((uint64_t)note.n_descsz + 3) & ~3ull);
		name = image_at(image, offset + sizeof(note), name_size);
		if (!name || total > size || !image_at(image, offset, total))
			return false;
		if (note.n_namesz == sizeof("cloche") && !memcmp(name, "cloche", sizeof("cloche")))
			return true;
		offset += total;
		size -= total;
	}
	return false;
}

/* The next part of the program of this type, from number *next on. */
static bool find_part(const struct image *image, const Elf64_Ehdr *header, uint32_t type,
		      unsigned *next, Elf64_Phdr *ret)
{
	while (*next < header->e_phnum)
		if (image_copy(image, header->e_phoff + (uint64_t)(*next)++ * sizeof(*ret), ret,
			       sizeof(*ret)) &&
		    ret->p_type == type)
			return true;
	return false;
}

static const char other_machine[] = "is a program for another architecture; build it for this one";

static enum suite_kind recognise_elf(const struct image *image, const Elf64_Ehdr *header,
				     const char **ret_why)
{
	unsigned next = 0;
	Elf64_Phdr part;

	if (header->e_machine != OWN_MACHINE) {
		*ret_why = other_machine;
		return SUITE_NOT;
	}
	while (find_part(image, header, PT_NOTE, &next, &part))
		if (has_note(image, part.p_offset, part.p_filesz))
			return SUITE_NATIVE;
	return SUITE_FOREIGN;
}

/* Static PIE has no interpreter either, but an entry point. */
static bool is_library(const struct image *image, const Elf64_Ehdr *header)
{
	unsigned next = 0;
	Elf64_Phdr part;

	return header->e_type == ET_REL || (header->e_type == ET_DYN && !header->e_entry &&
					    !find_part(image, header, PT_INTERP, &next, &part));
}

/* i386 programs run on x86-64 all the same, and x32 ones on some; their notes are not read. */
static enum suite_kind recognise_elf32(const struct image *image, const char **ret_why)
{
	Elf32_Ehdr header;

	if (!image_copy(image, 0, &header, sizeof(header))) {
		*ret_why = "is cut off; build it again";
		return SUITE_NOT;
	}
	if (header.e_machine != OWN_32_BITS && header.e_machine != OWN_MACHINE) {
		*ret_why = other_machine;
		return SUITE_NOT;
	}
	return SUITE_FOREIGN;
}

static enum suite_kind recognise_image(const struct image *image, const char **ret_why)
{
	Elf64_Ehdr header;

	if (image->size >= SELFMAG && !memcmp(image->data, ELFMAG, SELFMAG)) {
		if (image->size > EI_CLASS && image->data[EI_CLASS] == ELFCLASS32)
			return recognise_elf32(image, ret_why);
		if (!image_copy(image, 0, &header, sizeof(header))) {
			*ret_why = "is cut off; build it again";
			return SUITE_NOT;
		}
		if (is_library(image, &header)) {
			*ret_why = "is a library, not a program";
			return SUITE_NOT;
		}
		return recognise_elf(image, &header, ret_why);
	}
	if (image->size > 2 && !memcmp(image->data, "#!", 2))
		return SUITE_FOREIGN;
	*ret_why = "is neither a program nor a script; does its first line lack '#!'?";
	return SUITE_NOT;
}

/* Why there is nothing to be looked at. */
static const char *explain_path(int error)
{
	switch (error) {
	case ENOENT:
		return "does not exist; was it built?";
	case ENOTDIR:
		return "does not exist: a part of the path before it is no directory";
	case EACCES:
		return "is below a directory that you may not enter; chmod +x that directory";
	case ELOOP:
		return "is a symbolic link that leads to itself; make it anew";
	default:
		return strerror(error);
	}
}

enum suite_kind suite_recognise(const char *path, const char **ret_why)
{
	fd_close int fd = -1;
	struct image image = {0};
	struct stat status;
	enum suite_kind kind;

	if (stat(path, &status)) {
		*ret_why = explain_path(errno);
		return SUITE_NOT;
	}
	if (!S_ISREG(status.st_mode) || access(path, X_OK)) {
		*ret_why = S_ISREG(status.st_mode) ? "is not executable; chmod +x it"
						   : "is not a file that can be executed";
		return SUITE_NOT;
	}
	/* Only now: to open a device or a FIFO can have effects. (It may have become one since.) */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return SUITE_FOREIGN; /* executable and not readable: no way to see more */
	image.size = status.st_size;
	if (!image.size) {
		*ret_why = "is empty";
		return SUITE_NOT;
	}
	image.data = mmap(NULL, image.size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (image.data == MAP_FAILED) {
		*ret_why = strerror(errno);
		return SUITE_NOT;
	}
	kind = recognise_image(&image, ret_why);
	munmap((void *)image.data, image.size);
	return kind;
}
