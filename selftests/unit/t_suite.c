/* SPDX-License-Identifier: MIT */
/* What a file is, told without running it: also when it is damaged. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"
#include "suite.h"

static const char *why;

/* A file of these bytes, looked at, and gone again. */
static enum suite_kind look(const void *bytes, size_t size, mode_t mode)
{
	char name[] = "/tmp/cloche-unit-suite-XXXXXX";
	int fd = mkstemp(name);
	enum suite_kind kind;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	fchmod(fd, mode);
	close(fd);
	why = "";
	kind = suite_recognise(name, &why);
	unlink(name);
	return kind;
}

/* A program with one note of cloche's. */
struct program {
	Elf64_Ehdr header;
	Elf64_Phdr part;
	Elf64_Nhdr note;
	char name[8];
	unsigned version;
};

static struct program make(void)
{
	struct program p = {.header = {.e_type = ET_EXEC,
				       .e_phoff = sizeof(Elf64_Ehdr),
				       .e_phnum = 1,
				       .e_entry = 1},
			    .part = {.p_type = PT_NOTE,
				     .p_offset = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
				     .p_filesz = sizeof(Elf64_Nhdr) + 8 + 4},
			    .note = {7, 4, 1},
			    .name = "cloche",
			    .version = 1};

	memcpy(p.header.e_ident, ELFMAG, SELFMAG);
	p.header.e_ident[EI_CLASS] = ELFCLASS64;
#if defined(__x86_64__)
	p.header.e_machine = EM_X86_64;
#else
	p.header.e_machine = EM_AARCH64;
#endif
	return p;
}

START_TEST(programs_are_told)
{
	struct program p = make();

	ck_assert_int_eq(look(&p, sizeof(p), 0755), SUITE_NATIVE);
	p.name[0] = 'C';
	ck_assert_int_eq(look(&p, sizeof(p), 0755), SUITE_FOREIGN);
	ck_assert_int_eq(look("#!/bin/sh\n", 10, 0755), SUITE_FOREIGN);
	ck_assert_int_eq(suite_recognise("/bin/sh", &why), SUITE_FOREIGN);
}
END_TEST

START_TEST(what_cannot_run_is_refused)
{
	struct program p = make();

	p.header.e_machine = EM_S390;
	ck_assert_int_eq(look(&p, sizeof(p), 0755), SUITE_NOT);
	ck_assert_ptr_nonnull(strstr(why, "another architecture"));
	ck_assert_int_eq(look("", 0, 0755), SUITE_NOT);
	ck_assert_ptr_nonnull(strstr(why, "empty"));
	ck_assert_int_eq(look("#!/bin/sh\n", 10, 0644), SUITE_NOT);
	ck_assert_ptr_nonnull(strstr(why, "chmod"));
	ck_assert_int_eq(look("hello\n", 6, 0755), SUITE_NOT);
	ck_assert_ptr_nonnull(strstr(why, "neither"));
	ck_assert_int_eq(suite_recognise("/does/not/exist", &why), SUITE_NOT);
	ck_assert_ptr_nonnull(strstr(why, "does not exist"));
	ck_assert_int_eq(suite_recognise("/tmp", &why), SUITE_NOT);
	p = make();
	p.header.e_type = ET_DYN;
	p.header.e_entry = 0;
	ck_assert_int_eq(look(&p, sizeof(p), 0755), SUITE_NOT);
	ck_assert_ptr_nonnull(strstr(why, "library"));
}
END_TEST

/* Nothing is read beyond the end, wherever that is (run under ASan). */
START_TEST(cut_at_every_byte)
{
	struct program p = make();

	for (size_t size = 0; size < sizeof(p); size++) {
		enum suite_kind kind = look(&p, size, 0755);

		if (size < sizeof(Elf64_Ehdr))
			ck_assert_msg(kind == SUITE_NOT && *why, "%zu", size);
		else /* a program whose headers or notes are gone is one without notes */
			ck_assert_msg(kind == SUITE_FOREIGN, "%zu", size);
		if (size >= SELFMAG && size < sizeof(Elf64_Ehdr))
			ck_assert_str_eq(why, "is cut off; build it again");
	}
}
END_TEST

/* The same, up to the end of a page: what is beyond is not even mapped. */
START_TEST(cut_at_the_end_of_a_page)
{
	long page = sysconf(_SC_PAGESIZE);
	char *bytes = malloc(page);
	struct program p = make();
	size_t whole = sizeof(p) - sizeof(p.header);

	for (size_t kept = 0; kept <= whole; kept++) {
		p.header.e_phoff = page - kept;
		p.part.p_offset = p.header.e_phoff + sizeof(p.part);
		memset(bytes, 0, page);
		memcpy(bytes, &p.header, sizeof(p.header));
		memcpy(bytes + page - kept, (const char *)&p + sizeof(p.header), kept);
		ck_assert_int_eq(look(bytes, page, 0755),
				 kept == whole ? SUITE_NATIVE : SUITE_FOREIGN);
	}
	free(bytes);
}
END_TEST

/* Every byte, one after the other, at several values: an answer with a reason, and no crash. */
START_TEST(every_byte_turned)
{
	struct program p = make();

	for (size_t i = 0; i < sizeof(p); i++)
		for (int value = 0; value < 256; value += 51) {
			unsigned char bytes[sizeof(p)];

			memcpy(bytes, &p, sizeof(p));
			bytes[i] = (unsigned char)value;
			if (look(bytes, sizeof(bytes), 0755) == SUITE_NOT)
				ck_assert_str_ne(why, "");
		}
}
END_TEST

/* The note is found behind others, and in a later part; not one that only looks like it. */
START_TEST(notes_among_others)
{
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr parts[2];
		Elf64_Nhdr first;
		char first_name[4], first_text[8];
		Elf64_Nhdr second;
		char second_name[8];
		unsigned version;
	} p = {.first = {4, 5, 1},
	       .first_name = "GNU",
	       .second = {7, 4, 1},
	       .second_name = "cloche"};
	struct program simple = make();

	p.header = simple.header;
	p.header.e_phnum = 2;
	p.parts[0].p_type = PT_LOAD;
	p.parts[1].p_type = PT_NOTE;
	p.parts[1].p_offset = (size_t)((char *)&p.first - (char *)&p);
	p.parts[1].p_filesz = sizeof(p) - p.parts[1].p_offset;
	ck_assert_int_eq(look(&p, sizeof(p), 0755), SUITE_NATIVE);
	p.parts[0] = p.parts[1]; /* two parts, the note in the second */
	p.parts[0].p_filesz = sizeof(Elf64_Nhdr) + 4 + 8;
	ck_assert_int_eq(look(&p, sizeof(p), 0755), SUITE_NATIVE);
	p.parts[1].p_type = PT_NULL;
	ck_assert_int_eq(look(&p, sizeof(p), 0755), SUITE_FOREIGN);
	simple.part.p_filesz--; /* the note ends beyond its part */
	ck_assert_int_eq(look(&simple, sizeof(simple), 0755), SUITE_FOREIGN);
	simple = make();
	simple.note.n_namesz = 6; /* without its end */
	ck_assert_int_eq(look(&simple, sizeof(simple), 0755), SUITE_FOREIGN);
	simple = make();
	simple.note.n_namesz = 8; /* with more than its end */
	ck_assert_int_eq(look(&simple, sizeof(simple), 0755), SUITE_FOREIGN);
}
END_TEST

START_TEST(thirty_two_bits)
{
	Elf32_Ehdr header = {.e_type = ET_EXEC, .e_entry = 1};

	memcpy(header.e_ident, ELFMAG, SELFMAG);
	header.e_ident[EI_CLASS] = ELFCLASS32;
	header.e_machine = EM_MIPS;
	ck_assert_int_eq(look(&header, sizeof(header), 0755), SUITE_NOT);
	ck_assert_ptr_nonnull(strstr(why, "another architecture"));
	ck_assert_int_eq(look(&header, sizeof(header) - 1, 0755), SUITE_NOT);
	ck_assert_str_eq(why, "is cut off; build it again");
#if defined(__x86_64__)
	header.e_machine = EM_386;
#else
	header.e_machine = EM_ARM;
#endif
	ck_assert_int_eq(look(&header, sizeof(header), 0755), SUITE_FOREIGN);
}
END_TEST

START_TEST(libraries_and_objects)
{
	struct program p = make();

	p.header.e_type = ET_REL;
	ck_assert_int_eq(look(&p, sizeof(p), 0755), SUITE_NOT);
	ck_assert_str_eq(why, "is a library, not a program");
	p = make();
	p.header.e_type = ET_DYN; /* a static PIE: no interpreter, and an entry */
	ck_assert_int_eq(look(&p, sizeof(p), 0755), SUITE_NATIVE);
	p.header.e_entry = 0; /* a PIE that names its interpreter is a program all the same */
	p.part.p_type = PT_INTERP;
	ck_assert_int_eq(look(&p, sizeof(p), 0755), SUITE_FOREIGN);
}
END_TEST

START_TEST(what_is_no_regular_file)
{
	char name[] = "/tmp/cloche-unit-fifo-XXXXXX";

	ck_assert_int_eq(suite_recognise("/dev/null", &why), SUITE_NOT);
	ck_assert_str_eq(why, "is not a file that can be executed");
	ck_assert_ptr_nonnull(mkdtemp(name));
	ck_assert_int_eq(rmdir(name), 0);
	ck_assert_int_eq(mkfifo(name, 0755), 0);
	ck_assert_int_eq(suite_recognise(name, &why),
			 SUITE_NOT); /* and does not wait for a writer */
	unlink(name);
	ck_assert_int_eq(suite_recognise("", &why), SUITE_NOT);
	ck_assert_str_eq(why, "does not exist; was it built?");
	ck_assert_int_eq(suite_recognise("/dev/null/x", &why), SUITE_NOT);
	ck_assert_str_eq(why, "does not exist: a part of the path before it is no directory");
}
END_TEST

START_TEST(scripts)
{
	ck_assert_int_eq(look("#!", 2, 0755), SUITE_NOT);
	ck_assert_int_eq(look("#", 1, 0755), SUITE_NOT);
	ck_assert_int_eq(look("\n#!/bin/sh\n", 11, 0755), SUITE_NOT);
	ck_assert_int_eq(look("#!x", 3, 0755), SUITE_FOREIGN);
	ck_assert_int_eq(look("\177EL", 3, 0755), SUITE_NOT);
	ck_assert_ptr_nonnull(strstr(why, "neither"));
}
END_TEST

static void suites_free(struct suites *suites)
{
	for (size_t i = 0; i < suites->count; i++) {
		free(suites->list[i]->shown);
		free(suites->list[i]);
	}
	free(suites->list);
}

START_TEST(suites_are_added)
{
	struct suites suites = {0};
	char sentence[256] = "";

	ck_assert_int_eq(suites_add(&suites, "/does/not/exist", NULL, sentence, sizeof(sentence)),
			 -ENOEXEC);
	ck_assert_str_eq(sentence, "'/does/not/exist' does not exist; was it built?");
	ck_assert_uint_eq(suites.count, 0);
	ck_assert_int_eq(chdir("/bin"), 0);
	ck_assert_int_eq(suites_add(&suites, ".///./sh", NULL, sentence, sizeof(sentence)), 0);
	ck_assert_uint_eq(suites.count, 1);
	ck_assert_str_eq(suites.list[0]->shown, "sh");
	ck_assert(suites.list[0]->path[0] == '/' && !suites.list[0]->native);
	suites_free(&suites);
}
END_TEST

START_TEST(directories_are_searched)
{
	static const struct {
		const char *name;
		mode_t mode;
	} files[] = {{"b", 0755}, {"a", 0755}, {"plain", 0644}, {".hidden", 0755}};
	char name[] = "/tmp/cloche-unit-dir-XXXXXX", path[64], sentence[256] = "";
	struct suites suites = {0};

	ck_assert_ptr_nonnull(mkdtemp(name));
	ck_assert_int_eq(suites_add(&suites, name, NULL, sentence, sizeof(sentence)), -ENOENT);
	ck_assert_ptr_nonnull(strstr(sentence, "no suite is below '/tmp/cloche-unit-dir-"));
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s", name, files[i].name);
		file = fopen(path, "w");
		ck_assert_ptr_nonnull(file);
		fputs("#!/bin/sh\n", file);
		fclose(file);
		chmod(path, files[i].mode);
	}
	ck_assert_int_eq(suites_add(&suites, name, NULL, sentence, sizeof(sentence)), 0);
	ck_assert_uint_eq(suites.count, 2); /* in the order of their names */
	ck_assert_str_eq(strrchr(suites.list[0]->path, '/'), "/a");
	ck_assert_str_eq(strrchr(suites.list[1]->path, '/'), "/b");
	suites_free(&suites);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s/%s", name, files[i].name);
		unlink(path);
	}
	rmdir(name);
}
END_TEST

START_TEST(wild_numbers)
{
	struct program p = make();

	p.part.p_offset = UINT64_MAX - 3;
	ck_assert_int_eq(look(&p, sizeof(p), 0755), SUITE_FOREIGN);
	p = make();
	p.part.p_filesz = UINT64_MAX;
	ck_assert_int_eq(look(&p, sizeof(p), 0755), SUITE_NATIVE);
	p = make();
	p.note.n_namesz = UINT32_MAX;
	ck_assert_int_eq(look(&p, sizeof(p), 0755), SUITE_FOREIGN);
	p = make();
	p.note.n_descsz = UINT32_MAX;
	ck_assert_int_eq(look(&p, sizeof(p), 0755), SUITE_FOREIGN);
	p = make();
	p.header.e_phoff = UINT64_MAX - 1;
	p.header.e_phnum = UINT16_MAX;
	ck_assert_int_eq(look(&p, sizeof(p), 0755), SUITE_FOREIGN);
}
END_TEST

UNIT_MAIN("suite", programs_are_told, what_cannot_run_is_refused, cut_at_every_byte,
	  cut_at_the_end_of_a_page, every_byte_turned, notes_among_others, thirty_two_bits,
	  libraries_and_objects, what_is_no_regular_file, scripts, suites_are_added,
	  directories_are_searched, wild_numbers)
