/* SPDX-License-Identifier: MIT */
/* Forty cases, each of which claims what there is only one of, and looks whether it kept it. */
#define _GNU_SOURCE
#include <cloche.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct {
	const char *name;
} rivals[] = {{"01"}, {"02"}, {"03"}, {"04"}, {"05"}, {"06"}, {"07"}, {"08"}, {"09"}, {"10"},
	      {"11"}, {"12"}, {"13"}, {"14"}, {"15"}, {"16"}, {"17"}, {"18"}, {"19"}, {"20"},
	      {"21"}, {"22"}, {"23"}, {"24"}, {"25"}, {"26"}, {"27"}, {"28"}, {"29"}, {"30"},
	      {"31"}, {"32"}, {"33"}, {"34"}, {"35"}, {"36"}, {"37"}, {"38"}, {"39"}, {"40"}};

TEST_EACH(rivals, keeps_what_it_claims)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(1888),
				      .sin_addr.s_addr = htonl(INADDR_ANY)};
	int fd = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0));
	int file = REQUIRE_OK(open("/etc/owner", O_RDWR | O_CREAT | O_EXCL, 0644)), queue;
	char found[65] = "";

	REQUIRE_OK(sethostname(param->name, 2));
	REQUIRE_OK(bind(fd, (struct sockaddr *)&address, sizeof(address)));
	queue = REQUIRE_OK(msgget(0x1888, IPC_CREAT | IPC_EXCL | 0600));
	REQUIRE(write(file, param->name, 2), ==, 2);
	for (int i = 0; i < 100; i++) {
		REQUIRE_OK(gethostname(found, sizeof(found)));
		REQUIRE_STR(found, ==, param->name);
		memset(found, 0, sizeof(found));
		REQUIRE(pread(file, found, 2, 0), ==, 2);
		REQUIRE_STR(found, ==, param->name);
	}
	EXPECT_OK(msgctl(queue, IPC_RMID, NULL));
}
