/* SPDX-License-Identifier: MIT */
/*
 * Finding suites: what a path is, told from its first bytes and its ELF notes, never by running it.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
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

enum suite_kind suite_recognise(const char *path, const char **ret_why)
{
	fd_close int fd = -1;
	struct image image = {0};
	struct stat status;
	enum suite_kind kind;

	if (stat(path, &status)) {
		*ret_why = errno == ENOENT ? "does not exist; was it built?" : strerror(errno);
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

static int add(struct suites *suites, const char *path, enum suite_kind kind)
{
	struct suite *suite = calloc(1, sizeof(*suite));
	struct suite **grown = reallocarray(suites->list, suites->count + 1, sizeof(*grown));
	int result = suite && grown ? 0 : -ENOMEM;

	if (grown)
		suites->list = grown;
	if (!result && !realpath(path, suite->path))
		result = -errno;
	if (result < 0) {
		free(suite);
		return result;
	}
	while (!strncmp(path, "./", 2))
		path += 2 + strspn(path + 2, "/");
	suite->shown = strdup(path);
	suite->native = kind == SUITE_NATIVE;
	suites->list[suites->count++] = suite;
	return suite->shown ? 0 : -ENOMEM;
}

static int compare_names(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Build systems keep programs of their own among their files. */
static bool is_foreign_ground(const FTSENT *entry)
{
	return entry->fts_level > 0 &&
	       (entry->fts_name[0] == '.' || !strcmp(entry->fts_name, "CMakeFiles") ||
		!strcmp(entry->fts_name, "node_modules"));
}

static int add_directory(struct suites *suites, const char *path)
{
	char *paths[] = {(char *)path, NULL};
	FTS *tree = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, compare_names);
	const char *why;
	int result = tree ? 0 : -errno;

	for (FTSENT *entry; !result && tree && (entry = fts_read(tree));) {
		enum suite_kind kind;

		if (entry->fts_info == FTS_D && is_foreign_ground(entry))
			fts_set(tree, entry, FTS_SKIP);
		if (entry->fts_info != FTS_F || entry->fts_name[0] == '.' ||
		    !(entry->fts_statp->st_mode & 0111))
			continue;
		kind = suite_recognise(entry->fts_path, &why);
		if (kind != SUITE_NOT)
			result = add(suites, entry->fts_path, kind);
	}
	if (tree)
		fts_close(tree);
	return result;
}

int suites_add(struct suites *suites, const char *path, char *why, size_t size)
{
	const char *reason = "";
	struct stat status;
	enum suite_kind kind;
	size_t before = suites->count;
	int result;

	if (!stat(path, &status) && S_ISDIR(status.st_mode)) {
		result = add_directory(suites, path);
		if (!result && suites->count == before) {
			snprintf(why, size,
				 "no suite is below '%s'; name a program, or build them first",
				 path);
			return -ENOENT;
		}
	} else {
		kind = suite_recognise(path, &reason);
		if (kind == SUITE_NOT) {
			snprintf(why, size, "'%s' %s", path, reason);
			return -ENOEXEC;
		}
		result = add(suites, path, kind);
	}
	if (result < 0)
		snprintf(why, size, "cannot read '%s': %s", path, strerror(-result));
	return result;
}

/* The list of a native suite: name \0 file \0 line \0 world \0, one after the other. */
static int parse_list(struct suite *suite, size_t size, size_t count)
{
	const char *at = suite->list, *end = suite->list + size;
	const char *fields[4];

	suite->cases = calloc(count ? count : 1, sizeof(*suite->cases));
	if (!suite->cases)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		for (size_t field = 0; field < 4; field++, at += strlen(at) + 1) {
			if (at >= end)
				return -EBADMSG;
			fields[field] = at;
		}
		suite->cases[i] = (struct suite_case){
			.name = fields[0],
			.file = fields[1],
			.line = strtoul(fields[2], NULL, 10),
			.world = fields[3],
			.index = i,
		};
	}
	suite->case_count = count;
	return 0;
}

static int list_foreign(struct suite *suite)
{
	suite->cases = calloc(1, sizeof(*suite->cases));
	if (!suite->cases)
		return -ENOMEM;
	suite->cases->name = strrchr(suite->path, '/') + 1;
	suite->cases->world = "";
	suite->case_count = 1;
	return 0;
}

int suite_list(struct suite *suite, const struct session *session, struct zygote **foreign,
	       char *why, size_t size)
{
	size_t list_size, count;
	char *unused = NULL;
	int result = 0;

	if (suite->native) {
		result = zygote_start(suite->path, session, &suite->zygote, &suite->list,
				      &list_size, &count, why, size);
		if (result < 0)
			return result;
		suite->zygote->native = true;
		suite->zygote->users = 1;
		result = parse_list(suite, list_size, count);
		if (result < 0)
			snprintf(why, size,
				 "'%s' gave a list of cases that cannot be read; build it again",
				 suite->path);
		return result;
	}
	if (!*foreign)
		result = zygote_start(session->self, session, foreign, &unused, &list_size, &count,
				      why, size);
	free(unused);
	if (result < 0)
		return result;
	suite->zygote = *foreign;
	suite->zygote->users++;
	return list_foreign(suite);
}

struct expression_subject suite_subject(const struct suite *suite, const struct suite_case *item)
{
	static const char key[] = "tags=";
	struct expression_subject subject = {
		.suite = suite->shown, .name = item->name, .native = suite->native};
	const char *line = item->world;

	/* an option a line, as world_format() writes them */
	while (*line && strncmp(line, key, sizeof(key) - 1))
		line += strcspn(line, "\n"), line += *line == '\n';
	if (*line) {
		subject.tags = line + sizeof(key) - 1;
		subject.tags_size = strcspn(subject.tags, "\n");
	}
	return subject;
}

int suite_start_bare(struct suite *suite, const struct session *session, char *why, size_t size)
{
	size_t list_size, count;
	char *list = NULL;
	int result = zygote_start(suite->path, session, &suite->bare, &list, &list_size, &count,
				  why, size);

	free(list);
	if (result < 0)
		return result;
	suite->bare->native = suite->bare->bare = true;
	return 0;
}

void suite_stop(struct suite *suite)
{
	if (suite->zygote && --suite->zygote->users == 0)
		zygote_stop(suite->zygote);
	zygote_stop(suite->bare);
	suite->zygote = suite->bare = NULL;
}
