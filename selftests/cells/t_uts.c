/* SPDX-License-Identifier: MIT */
/* uts: host and domain name are the case's own. */
#define _GNU_SOURCE
#include <cloche.h>

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

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

TEST(names_may_be_set)
{
	char name[65] = "";

	REQUIRE_OK(sethostname("mars", 4));
	EXPECT_OK(gethostname(name, sizeof(name)));
	EXPECT_STR(name, ==, "mars");
	EXPECT_OK(setdomainname("red", 3));
}

#define LONGEST "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl"

TEST(longest_name, .hostname = LONGEST)
{
	char name[66] = "";

	EXPECT_OK(gethostname(name, sizeof(name)));
	EXPECT_STR(name, ==, LONGEST);
}
