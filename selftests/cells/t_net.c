/* SPDX-License-Identifier: MIT */
/* net: a loopback of the case's own, with all its ports, names and settings. */
#define _GNU_SOURCE
#include "outside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static const struct {
	const char *name;
} twins[] = {{"1"}, {"2"}, {"3"}, {"4"}, {"5"}, {"6"}, {"7"}, {"8"}};

static struct sockaddr_in loopback(unsigned short port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_port = htons(port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int bind_to(int type, unsigned short port)
{
	struct sockaddr_in address = loopback(port);
	int fd = REQUIRE_OK(socket(AF_INET, type | SOCK_CLOEXEC, 0));

	REQUIRE_OK(bind(fd, (struct sockaddr *)&address, sizeof(address)));
	return fd;
}

TEST(loopback_is_the_only_interface)
{
	struct if_nameindex *names = if_nameindex();

	expect_own(NET);
	REQUIRE(names != NULL);
	EXPECT_STR(names[0].if_name, ==, "lo");
	EXPECT(names[0].if_index, ==, 1u); /* the first in a namespace */
	EXPECT(names[1].if_index, ==, 0u);
	if_freenameindex(names);
}

TEST(loopback_is_up_and_has_its_address)
{
	struct ifaddrs *list, *found = NULL;

	expect_own(NET);
	REQUIRE_OK(getifaddrs(&list));
	for (struct ifaddrs *a = list; a; a = a->ifa_next)
		if (a->ifa_addr && a->ifa_addr->sa_family == AF_INET) {
			EXPECT(found == NULL);
			found = a;
		}
	REQUIRE(found != NULL);
	EXPECT(found->ifa_flags & IFF_UP);
	EXPECT(found->ifa_flags & IFF_RUNNING);
	EXPECT(((struct sockaddr_in *)(void *)found->ifa_addr)->sin_addr.s_addr, ==,
	       htonl(INADDR_LOOPBACK));
	freeifaddrs(list);
}

/* A byte there, while the others do the same on their port 80. */
TEST_EACH(twins, port_80_is_free)
{
	struct sockaddr_in address = loopback(80);
	int server = bind_to(SOCK_STREAM, 80), client, peer;
	char byte = 0;

	REQUIRE_OK(listen(server, 8));
	client = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0));
	REQUIRE_OK(connect(client, (struct sockaddr *)&address, sizeof(address)));
	peer = REQUIRE_OK(accept(server, NULL, NULL));
	linger();
	EXPECT(write(client, param->name, 1), ==, 1);
	EXPECT(read(peer, &byte, 1), ==, 1);
	EXPECT(byte, ==, param->name[0]);
}

TEST_EACH(twins, datagram_port_53_is_free)
{
	struct sockaddr_in address = loopback(53);
	int fd = bind_to(SOCK_DGRAM, 53);
	char byte = 0;

	EXPECT(sendto(fd, param->name, 1, 0, (struct sockaddr *)&address, sizeof(address)), ==, 1);
	linger();
	EXPECT(recv(fd, &byte, 1, 0), ==, 1);
	EXPECT(byte, ==, param->name[0]);
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, MSG_DONTWAIT));
}

TEST_EACH(twins, port_of_ipv6_is_free)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6,
				       .sin6_port = htons(80),
				       .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	if (fd < 0 && errno == EAFNOSUPPORT)
		skip("this kernel has no IPv6");
	REQUIRE_OK(bind(fd, (struct sockaddr *)&address, sizeof(address)));
	REQUIRE_OK(listen(fd, 8));
	linger();
}

TEST_EACH(twins, abstract_name_is_free)
{
	static const char name[] = "\0cloche-selftest";
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));

	memcpy(address.sun_path, name, sizeof(name) - 1);
	EXPECT_OK(bind(fd, (struct sockaddr *)&address,
		       offsetof(struct sockaddr_un, sun_path) + sizeof(name) - 1));
	EXPECT_OK(listen(fd, 1));
	linger();
}

/* Nobody puts back what it changes: in one world, the second twin would find it. */
TEST_EACH(twins, interface_is_changed_for_oneself)
{
	struct ifreq request = {.ifr_name = "lo"};
	int fd = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0));

	spare_the_machine();
	REQUIRE_OK(ioctl(fd, SIOCGIFMTU, &request));
	EXPECT(request.ifr_mtu, ==, 65536);
	request.ifr_mtu = 1400;
	EXPECT_OK(ioctl(fd, SIOCSIFMTU, &request));
	request.ifr_flags = 0;
	EXPECT_OK(ioctl(fd, SIOCSIFFLAGS, &request)); /* down */
	REQUIRE_OK(ioctl(fd, SIOCGIFFLAGS, &request));
	EXPECT(!(request.ifr_flags & IFF_UP));
}

TEST_EACH(twins, settings_are_changed_for_oneself)
{
	char value[8] = "";
	int fd;

	spare_the_machine();
	fd = REQUIRE_OK(open("/proc/sys/net/ipv4/ip_default_ttl", O_RDWR));
	REQUIRE(pread(fd, value, sizeof(value), 0), >, 0);
	EXPECT(atoi(value), ==, 64);
	EXPECT(pwrite(fd, "17\n", 3, 0), ==, 3);
	linger();
	REQUIRE(pread(fd, value, sizeof(value), 0), >, 0);
	EXPECT(atoi(value), ==, 17);
}

/* Root of the cell is root of its network. */
TEST(raw_and_packet_sockets)
{
	expect_own(NET);
	EXPECT_OK(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	EXPECT_OK(socket(AF_PACKET, SOCK_RAW, 0));
}

/* A user of the cell is not, and a port below 1024 is not for users. */
TEST(low_ports_are_not_for_users, .user = "1234")
{
	struct sockaddr_in address = loopback(80);
	int fd = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0));

	EXPECT_ERRNO(EACCES, bind(fd, (struct sockaddr *)&address, sizeof(address)));
	bind_to(SOCK_STREAM, 8080);
}

static const struct {
	const char *name;
	const char *path;
} tables[] = {
	{"tcp", "/proc/net/tcp"}, {"udp", "/proc/net/udp"},       {"unix", "/proc/net/unix"},
	{"raw", "/proc/net/raw"}, {"packet", "/proc/net/packet"}, {"netlink", "/proc/net/netlink"},
};

/* Only sockets of the kernel, which has netlink ones in every namespace (their pid is 0). */
TEST_EACH(tables, lists_no_socket_of_others)
{
	char line[1024];
	FILE *table = fopen(param->path, "r");

	expect_own(NET);
	REQUIRE(table != NULL);
	REQUIRE(fgets(line, sizeof(line), table) != NULL); /* the heading */
	while (fgets(line, sizeof(line), table)) {
		unsigned pid = 1;

		if (!strcmp(param->name, "netlink"))
			EXPECT(sscanf(line, "%*s %*s %u", &pid), ==, 1);
		if (pid)
			fail("%s", line);
	}
	fclose(table);
}

TEST(nothing_else_is_reachable)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
	int fd = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0));

	expect_own(NET);
	/* 192.0.2.1 is for documentation (RFC 5737); there is no route, and so no packet. */
	inet_pton(AF_INET, "192.0.2.1", &address.sin_addr);
	EXPECT_ERRNO(ENETUNREACH, connect(fd, (struct sockaddr *)&address, sizeof(address)));
}
