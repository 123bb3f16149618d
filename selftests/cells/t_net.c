/* SPDX-License-Identifier: MIT */
/* net: a loopback of the case's own, with all its ports. */
#define _GNU_SOURCE
#include <cloche.h>

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const struct {
	const char *name;
} twins[] = {{"1"}, {"2"}, {"3"}, {"4"}, {"5"}, {"6"}, {"7"}, {"8"}};

static int listen_on(unsigned short port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = REQUIRE_OK(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));

	REQUIRE_OK(bind(fd, (struct sockaddr *)&address, sizeof(address)));
	REQUIRE_OK(listen(fd, 8));
	return fd;
}

TEST(only_loopback_and_it_is_up)
{
	struct if_nameindex *names = if_nameindex();
	struct ifaddrs *list, *found = NULL;

	REQUIRE(names != NULL);
	EXPECT_STR(names[0].if_name, ==, "lo");
	EXPECT(names[1].if_index, ==, 0u);
	REQUIRE_OK(getifaddrs(&list));
	for (struct ifaddrs *a = list; a; a = a->ifa_next)
		if (a->ifa_addr && a->ifa_addr->sa_family == AF_INET)
			found = a;
	REQUIRE(found != NULL);
	EXPECT(found->ifa_flags & IFF_UP);
	freeifaddrs(list);
	if_freenameindex(names);
}

/* Several at once: in one world, one of them would get the port. */
TEST_EACH(twins, port_80_is_free)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(80),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int server = listen_on(80), client = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0)), peer;
	char byte = 0;

	REQUIRE_OK(connect(client, (struct sockaddr *)&address, sizeof(address)));
	peer = REQUIRE_OK(accept(server, NULL, NULL));
	EXPECT(write(client, "x", 1), ==, 1);
	EXPECT(read(peer, &byte, 1), ==, 1);
	EXPECT(byte, ==, 'x');
}

TEST_EACH(twins, abstract_name_is_free)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "\0cloche-selftest"};
	int fd = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));

	EXPECT_OK(bind(fd, (struct sockaddr *)&address,
		       offsetof(struct sockaddr_un, sun_path) + sizeof("\0cloche-selftest") - 1));
}

TEST(nothing_else_is_reachable)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
	int fd = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0));

	/* 192.0.2.1 is for documentation (RFC 5737); there is no route, and so no packet. */
	inet_pton(AF_INET, "192.0.2.1", &address.sin_addr);
	EXPECT_ERRNO(ENETUNREACH, connect(fd, (struct sockaddr *)&address, sizeof(address)));
}
