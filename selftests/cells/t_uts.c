/* SPDX-License-Identifier: MIT */
/* uts: host and domain name are the case's own. */
#define _GNU_SOURCE
#include "outside.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

static const struct {
	const char *name;
} twins[] = {{"one"}, {"two"}, {"three"}, {"four"}, {"five"}, {"six"}, {"seven"}, {"eight"}};

TEST(default_name_is_cloche)
{
	struct utsname names;

	REQUIRE_OK(uname(&names));
	EXPECT_STR(names.nodename, ==, "cloche");
	EXPECT_STR(names.domainname, ==, "(none)");
}

TEST(names_as_asked, .hostname = "moon", .domainname = "sky")
{
	struct utsname names;

	REQUIRE_OK(uname(&names));
	EXPECT_STR(names.nodename, ==, "moon");
	EXPECT_STR(names.domainname, ==, "sky");
}

/* What one sets, no other finds, be it then or later: nobody puts the name back. */
TEST_EACH(twins, names_are_set_for_oneself)
{
	char name[65] = "";

	spare_the_machine();
	EXPECT_OK(gethostname(name, sizeof(name)));
	EXPECT_STR(name, ==, "cloche");
	EXPECT_OK(getdomainname(name, sizeof(name)));
	EXPECT_STR(name, ==, "(none)");
	REQUIRE_OK(sethostname(param->name, strlen(param->name)));
	REQUIRE_OK(setdomainname(param->name, strlen(param->name)));
	linger();
	EXPECT_OK(gethostname(name, sizeof(name)));
	EXPECT_STR(name, ==, param->name);
	EXPECT_OK(getdomainname(name, sizeof(name)));
	EXPECT_STR(name, ==, param->name);
}

TEST(programs_see_the_names, .hostname = "moon", .domainname = "sky")
{
	EXPECT(system("[ $(uname -n) = moon ]"), ==, 0);
	EXPECT(system("[ $(cat /proc/sys/kernel/hostname) = moon ]"), ==, 0);
	EXPECT(system("[ $(cat /proc/sys/kernel/domainname) = sky ]"), ==, 0);
}

#define LONGEST "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl"

TEST(longest_names, .hostname = LONGEST, .domainname = LONGEST)
{
	char name[66] = "";

	EXPECT_OK(gethostname(name, sizeof(name)));
	EXPECT_STR(name, ==, LONGEST);
	EXPECT_OK(getdomainname(name, sizeof(name)));
	EXPECT_STR(name, ==, LONGEST);
}

/* A user of the cell is not root of it, and may not rename it. */
TEST(users_may_not_set_them, .user = "1234")
{
	spare_the_machine();
	EXPECT_ERRNO(EPERM, sethostname("cloche", 6));
	EXPECT_ERRNO(EPERM, setdomainname("(none)", 6));
}
