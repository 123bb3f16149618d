/* SPDX-License-Identifier: MIT */
/*
 * ipc: keys, queues and names are the case's own. Nobody removes what it made: in one world, the
 * second of two twins would find it.
 */
#define _GNU_SOURCE
#include "outside.h"

#include <dirent.h>
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#define KEY  0x636c6f63
#define NAME "/cloche-selftest"

static const struct {
	const char *name;
} twins[] = {{"1"}, {"2"}, {"3"}, {"4"}, {"5"}, {"6"}, {"7"}, {"8"}};

TEST_EACH(twins, shared_memory_key_is_free)
{
	int id, *value;

	spare_the_machine();
	id = REQUIRE_OK(shmget(KEY, 4096, IPC_CREAT | IPC_EXCL | 0600));
	value = REQUIRE_OK((int *)shmat(id, NULL, 0));
	EXPECT(*value, ==, 0);
	*value = param->name[0];
	linger();
	EXPECT(*value, ==, param->name[0]);
}

TEST_EACH(twins, semaphore_key_is_free)
{
	int id;

	spare_the_machine();
	id = REQUIRE_OK(semget(KEY, 1, IPC_CREAT | IPC_EXCL | 0600));
	EXPECT_OK(semctl(id, 0, SETVAL, param->name[0]));
	linger();
	EXPECT(semctl(id, 0, GETVAL), ==, param->name[0]);
}

TEST_EACH(twins, message_key_is_free)
{
	struct {
		long type;
		char text[4];
	} out = {1, "me"}, in = {0};
	int id;

	spare_the_machine();
	id = REQUIRE_OK(msgget(KEY, IPC_CREAT | IPC_EXCL | 0600));
	out.text[2] = param->name[0];
	EXPECT_OK(msgsnd(id, &out, sizeof(out.text), 0));
	linger();
	EXPECT(msgrcv(id, &in, sizeof(in.text), 0, IPC_NOWAIT), ==, (ssize_t)sizeof(in.text));
	EXPECT_STR(in.text, ==, out.text);
	EXPECT_ERRNO(ENOMSG, msgrcv(id, &in, sizeof(in.text), 0, IPC_NOWAIT));
}

TEST_EACH(twins, message_queue_name_is_free)
{
	char text[8192] = "";
	mqd_t queue;

	spare_the_machine();
	queue = REQUIRE_OK(mq_open(NAME, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, NULL));
	EXPECT_OK(mq_send(queue, param->name, 2, 0));
	linger();
	EXPECT(mq_receive(queue, text, sizeof(text), NULL), ==, 2);
	EXPECT_STR(text, ==, param->name);
}

TEST_EACH(twins, shared_memory_name_is_free)
{
	int fd;

	spare_the_machine();
	fd = REQUIRE_OK(shm_open(NAME, O_RDWR | O_CREAT | O_EXCL, 0600));
	EXPECT_OK(ftruncate(fd, 4096));
}

TEST_EACH(twins, semaphore_name_is_free)
{
	sem_t *semaphore;

	spare_the_machine();
	semaphore = sem_open(NAME, O_CREAT | O_EXCL, 0600, 1);
	REQUIRE(semaphore != SEM_FAILED);
	EXPECT_OK(sem_trywait(semaphore));
	linger();
	EXPECT_ERRNO(EAGAIN, sem_trywait(semaphore));
}

static void expect_empty(const char *path)
{
	DIR *dir = opendir(path);

	REQUIRE(dir != NULL);
	for (struct dirent *entry; (entry = readdir(dir));)
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			fail("%s has '%s'", path, entry->d_name);
	closedir(dir);
}

/* By the others of this file, in any order, in a shared world. */
TEST(nothing_is_there_at_first)
{
	struct shm_info shm = {0};
	struct seminfo sem = {0};
	struct msginfo msg = {0};

	EXPECT(shmctl(0, SHM_INFO, (void *)&shm), >=, 0);
	EXPECT(shm.used_ids, ==, 0);
	EXPECT(semctl(0, 0, SEM_INFO, &sem), >=, 0);
	EXPECT(sem.semusz, ==, 0);
	EXPECT(msgctl(0, MSG_INFO, (void *)&msg), >=, 0);
	EXPECT(msg.msgpool, ==, 0);
	expect_empty("/dev/shm");
	expect_empty("/dev/mqueue");
}

/* A user of the cell, too, has them all. */
TEST(users_have_them_too, .user = "1234")
{
	spare_the_machine();
	EXPECT_OK(shmget(KEY, 4096, IPC_CREAT | IPC_EXCL | 0600));
	EXPECT_OK(mq_open(NAME, O_RDWR | O_CREAT | O_EXCL, 0600, NULL));
	EXPECT_OK(shm_open(NAME, O_RDWR | O_CREAT | O_EXCL, 0600));
}
