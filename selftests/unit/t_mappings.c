/* SPDX-License-Identifier: MIT */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mappings.h"
#include "unit.h"

/* Lines of proc_pid_maps(5) that show code of a file, or constants that lie right beside it. */
struct seen {
	unsigned code, constants;
};

static struct seen look(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[4352], name[2][4096] = {"", ""}, flags[2][5] = {"", ""};
	unsigned long start, end, last_end = 0;
	struct seen seen = {0};

	ck_assert_ptr_nonnull(maps);
	while (fgets(line, sizeof(line), maps)) {
		bool is_code;

		*name[1] = '\0';
		ck_assert_int_ge(sscanf(line, "%lx-%lx %4s %*s %*s %*s %4095s", &start, &end,
					flags[1], name[1]),
				 3);
		is_code = *name[1] == '/' && !strcmp(flags[1], "r-xp");
		seen.code += is_code;
		if (start == last_end && !strcmp(name[0], name[1]) && *name[1] == '/')
			seen.constants += (is_code && !strcmp(flags[0], "r--p")) ||
					  (!strcmp(flags[0], "r-xp") && !strcmp(flags[1], "r--p"));
		last_end = end;
		memcpy(name[0], name[1], sizeof(*name));
		memcpy(flags[0], flags[1], sizeof(*flags));
	}
	fclose(maps);
	return seen;
}

/* Of each file there is one mapping then, but for constants that were written to at the start. */
START_TEST(code_and_constants_are_one)
{
	struct seen before = look(), after;

	ck_assert_uint_gt(before.constants, before.code); /* before it and behind it */
	mappings_join();
	after = look();
	ck_assert_uint_eq(after.code, before.code);
	ck_assert_uint_le(after.constants, before.code);
	ck_assert_uint_le(after.constants, before.constants - before.code);
}
END_TEST

START_TEST(what_is_there_still_works)
{
	void *handle;

	mappings_join();
	handle = dlopen("libm.so.6", RTLD_NOW);
	ck_assert_ptr_nonnull(handle);
	mappings_join();
	ck_assert_ptr_nonnull(dlsym(handle, "cos"));
	ck_assert_int_eq(dlclose(handle), 0);
	ck_assert_int_eq(atoi("42"), 42);
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_test(all, code_and_constants_are_one);
	tcase_add_test(all, what_is_there_still_works);
	return unit_run("mappings", all);
}
