/* SPDX-License-Identifier: MIT */
/* What a file is, told without running it: also when it is damaged. */
#include <elf.h>
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

	for (size_t size = 0; size < sizeof(p); size++)
		ck_assert_int_ne(look(&p, size, 0755), SUITE_NATIVE);
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

UNIT_MAIN("suite", programs_are_told, what_cannot_run_is_refused, cut_at_every_byte, wild_numbers)
