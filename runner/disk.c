/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "cleanup.h"
#include "disk.h"

/* A file system, or what is no file, may have nothing to bring anywhere: EINVAL. */
static void sync_now(struct disk *disk)
{
	int none = 0;

	if (fdatasync(disk->fd) && errno != EINVAL)
		atomic_compare_exchange_strong(&disk->error, &none, -errno);
	if (disk->directory >= 0 && fsync(disk->directory) && errno != EINVAL)
		atomic_compare_exchange_strong(&disk->error, &none, -errno);
	disk->directory = safe_close(disk->directory);
}

static void *disk_thread(void *argument)
{
	struct disk *disk = argument;

	for (;;) {
		while (sem_wait(&disk->wanted))
			;
		if (atomic_load(&disk->over))
			return NULL;
		sync_now(disk);
	}
}

void disk_begin(struct disk *disk, int fd, int directory)
{
	*disk = (struct disk){.fd = fd, .directory = directory};
	sem_init(&disk->wanted, 0, 0);
}

/* Signals are the keeper's. Where there can be no thread, the end of the run is soon enough. */
static void start_thread(struct disk *disk)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	disk->running = !pthread_create(&disk->thread, NULL, disk_thread, disk);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void disk_sync(struct disk *disk)
{
	int asked = 0;

	if (!disk->running)
		start_thread(disk);
	if (!sem_getvalue(&disk->wanted, &asked) && !asked)
		sem_post(&disk->wanted);
}

int disk_end(struct disk *disk)
{
	if (disk->running) {
		atomic_store(&disk->over, true);
		sem_post(&disk->wanted);
		pthread_join(disk->thread, NULL);
	}
	sync_now(disk);
	sem_destroy(&disk->wanted);
	return atomic_load(&disk->error);
}
