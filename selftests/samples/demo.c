/* SPDX-License-Identifier: MIT */
/*
 * Twenty cases that fight over one host name, one port, one System V key, one clock and one file
 * in /etc. In cells they pass side by side; in one shared world they cannot.
 *
 *   ./demo                                    each in a cell of its own
 *   cloche exec -- ./demo --no-isolation      all in one world, which is a cell: no harm is done
 */
#include <cloche.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PORT        7777
#define KEY         0x7777
#define FILE_IN_ETC "/etc/motd"

/* Root of the machine itself would rename it: the whole range of ids is mapped to itself. */
static bool is_the_machine(void)
{
	unsigned long inside = 1, outside = 1, count = 0;
	FILE *map = fopen("/proc/self/uid_map", "r");

	if (map && fscanf(map, "%lu %lu %lu", &inside, &outside, &count) != 3)
		count = 0;
	if (map)
		fclose(map);
	return inside == 0 && outside == 0 && count > 65536;
}

static void claim_port(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(PORT),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = EXPECT_OK(socket(AF_INET, SOCK_STREAM, 0));

	EXPECT_OK(bind(fd, (struct sockaddr *)&address, sizeof(address)));
	EXPECT_OK(listen(fd, 1));
}

static void write_file(const char *text)
{
	int fd = open(FILE_IN_ETC, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	EXPECT_OK(fd);
	EXPECT(write(fd, text, strlen(text)), ==, (ssize_t)strlen(text));
	close(fd);
}

static void expect_file(const char *text)
{
	char found[64] = "";
	int fd = open(FILE_IN_ETC, O_RDONLY);

	EXPECT_OK(fd);
	EXPECT(read(fd, found, sizeof(found) - 1), >=, 0);
	EXPECT_STR(found, ==, text);
	close(fd);
}

static void fight(int number)
{
	char name[32], found[65] = "";
	struct timespec uptime, moment = {0, 100000000};
	int segment;

	if (is_the_machine())
		skip("this would rename the machine itself; run it by: cloche exec -- ./demo ...");
	snprintf(name, sizeof(name), "fighter-%d", number);
	EXPECT_OK(sethostname(name, strlen(name)));
	claim_port();
	segment = EXPECT_OK(shmget(KEY, 4096, IPC_CREAT | IPC_EXCL | 0600));
	write_file(name);

	nanosleep(&moment, NULL); /* long enough for the others to come */

	EXPECT_OK(gethostname(found, sizeof(found)));
	EXPECT_STR(found, ==, name);
	expect_file(name);
	EXPECT_OK(clock_gettime(CLOCK_BOOTTIME, &uptime));
	EXPECT(uptime.tv_sec / 86400, ==, number);
	shmctl(segment, IPC_RMID, NULL);
}

#define FIGHTER(n)                                                                                 \
	TEST(fighter_##n, .uptime = days(n), .root = ROOT_MINIMAL)                                 \
	{                                                                                          \
		fight(n);                                                                          \
	}

FIGHTER(1)
FIGHTER(2)
FIGHTER(3)
FIGHTER(4)
FIGHTER(5)
FIGHTER(6)
FIGHTER(7)
FIGHTER(8)
FIGHTER(9)
FIGHTER(10)
FIGHTER(11)
FIGHTER(12)
FIGHTER(13)
FIGHTER(14)
FIGHTER(15)
FIGHTER(16)
FIGHTER(17)
FIGHTER(18)
FIGHTER(19)
FIGHTER(20)
