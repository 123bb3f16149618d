/* SPDX-License-Identifier: MIT */
/* ipc: keys, queues and names are the case's own; several cases claim the same at once. */
#define _GNU_SOURCE
#include <cloche.h>

#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#define KEY 0x636c6f63

static const struct {
	const char *name;
} twins[] = {{"1"}, {"2"}, {"3"}, {"4"}, {"5"}, {"6"}, {"7"}, {"8"}};

TEST_EACH(twins, keys_are_free)
{
	int shm = EXPECT_OK(shmget(KEY, 4096, IPC_CREAT | IPC_EXCL | 0600));
	int sem = EXPECT_OK(semget(KEY, 1, IPC_CREAT | IPC_EXCL | 0600));
	int msg = EXPECT_OK(msgget(KEY, IPC_CREAT | IPC_EXCL | 0600));

	EXPECT_OK(shmctl(shm, IPC_RMID, NULL));
	EXPECT_OK(semctl(sem, 0, IPC_RMID));
	EXPECT_OK(msgctl(msg, IPC_RMID, NULL));
}

TEST_EACH(twins, names_are_free)
{
	mqd_t queue = EXPECT_OK(mq_open("/cloche-selftest", O_RDWR | O_CREAT | O_EXCL, 0600, NULL));
	int shm = EXPECT_OK(shm_open("/cloche-selftest", O_RDWR | O_CREAT | O_EXCL, 0600));
	sem_t *semaphore = sem_open("/cloche-selftest", O_CREAT | O_EXCL, 0600, 1);

	EXPECT(semaphore != SEM_FAILED);
	mq_close(queue);
	EXPECT(shm, >=, 0);
	EXPECT_OK(mq_unlink("/cloche-selftest"));
	EXPECT_OK(shm_unlink("/cloche-selftest"));
	EXPECT_OK(sem_unlink("/cloche-selftest"));
}

TEST(nothing_is_there_at_first)
{
	struct shm_info shm;

	EXPECT(shmctl(0, SHM_INFO, (void *)&shm), >=, 0);
	EXPECT(shm.used_ids, ==, 0);
}
