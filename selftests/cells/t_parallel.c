/* SPDX-License-Identifier: MIT */
/* Forty cases, each of which claims what there is only one of, and looks whether it kept it. */
#define _GNU_SOURCE
#include "outside.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stddef.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

static const struct {
	const char *name;
} rivals[] = {{"01"}, {"02"}, {"03"}, {"04"}, {"05"}, {"06"}, {"07"}, {"08"}, {"09"}, {"10"},
	      {"11"}, {"12"}, {"13"}, {"14"}, {"15"}, {"16"}, {"17"}, {"18"}, {"19"}, {"20"},
	      {"21"}, {"22"}, {"23"}, {"24"}, {"25"}, {"26"}, {"27"}, {"28"}, {"29"}, {"30"},
	      {"31"}, {"32"}, {"33"}, {"34"}, {"35"}, {"36"}, {"37"}, {"38"}, {"39"}, {"40"}};

static void claim_sockets(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(1888),
				      .sin_addr.s_addr = htonl(INADDR_ANY)};
	struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "/tmp/socket"};
	int stream = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0));
	int local = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	int abstract = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));

	REQUIRE_OK(bind(stream, (struct sockaddr *)&address, sizeof(address)));
	REQUIRE_OK(bind(local, (struct sockaddr *)&name, sizeof(name)));
	name.sun_path[0] = '\0';
	REQUIRE_OK(bind(abstract, (struct sockaddr *)&name,
			offsetof(struct sockaddr_un, sun_path) + 11));
}

static void claim_names(void)
{
	REQUIRE_OK(msgget(0x1888, IPC_CREAT | IPC_EXCL | 0600));
	REQUIRE_OK(shm_open("/rivals", O_RDWR | O_CREAT | O_EXCL, 0600));
	REQUIRE(sem_open("/rivals", O_CREAT | O_EXCL, 0600, 1) != SEM_FAILED);
	REQUIRE_OK(mkdir("/home/owner", 0755));
	REQUIRE_OK(mount("tmpfs", "/home/owner", "tmpfs", 0, NULL));
}

TEST_EACH(rivals, keeps_what_it_claims)
{
	char found[65] = "";
	int file;

	spare_the_machine();
	file = REQUIRE_OK(open("/etc/owner", O_RDWR | O_CREAT | O_EXCL, 0644));
	REQUIRE_OK(sethostname(param->name, 2));
	REQUIRE(write(file, param->name, 2), ==, 2);
	claim_sockets();
	claim_names();
	linger();
	for (int i = 0; i < 100; i++) {
		REQUIRE_OK(gethostname(found, sizeof(found)));
		REQUIRE_STR(found, ==, param->name);
		memset(found, 0, sizeof(found));
		REQUIRE(pread(file, found, 2, 0), ==, 2);
		REQUIRE_STR(found, ==, param->name);
	}
}

/* Forty children, each of which everybody's kill(-1) would reach if they shared a world. */
TEST_EACH(rivals, keeps_its_children)
{
	pid_t child;

	expect_own(PID);
	REQUIRE(getpid(), ==, 2); /* before all that is seen is killed */
	child = REQUIRE_OK(fork());
	if (!child)
		for (;;)
			pause();
	linger();
	EXPECT(waitpid(child, NULL, WNOHANG), ==, 0);
	EXPECT_OK(kill(-1, SIGKILL));
	EXPECT(waitpid(child, NULL, 0), ==, child);
}
