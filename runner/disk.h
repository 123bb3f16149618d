/* SPDX-License-Identifier: MIT */
/*
 * disk.h: what a file has is brought to the disk now and then, without anybody waiting for it
 *
 * fdatasync(2) takes a millisecond on one disk and a second on another, in which a keeper would
 * hear of nothing. So a thread calls it. It does nothing else: it allocates nothing and holds no
 * lock, so that others may fork.
 */
#ifndef CLOCHE_DISK_H
#define CLOCHE_DISK_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

struct disk {
	int fd, directory; /* directory: until it was brought there */
	bool running;
	atomic_bool over;
	atomic_int error; /* the first one, -errno */
	sem_t wanted;
	pthread_t thread;
};

/* `directory`, in which the file has its name by the first disk_sync(), is owned; or -1. */
void disk_begin(struct disk *disk, int fd, int directory);
/* Ask for it; the first time starts the thread. */
void disk_sync(struct disk *disk);
/* Bring all to the disk, and wait for that. Returns 0, or -errno of this or an earlier time. */
int disk_end(struct disk *disk);

#endif
