/* SPDX-License-Identifier: MIT */
/*
 * message.h: messages with descriptors, over sockets that keep messages apart (SOCK_SEQPACKET)
 */
#ifndef CLOCHE_MESSAGE_H
#define CLOCHE_MESSAGE_H

#include <stddef.h>
#include <sys/types.h>

#define MESSAGE_DESCRIPTORS 8

/* Returns 0, or -errno. */
int message_send(int socket, const void *message, size_t size, const int *descriptors,
		 size_t count);

/*
 * Without waiting. Descriptors that do not come are -1; those that are too many are closed.
 * Returns the size, 0 at the end, or -1 with errno.
 */
ssize_t message_receive(int socket, void *message, size_t size, int *descriptors, size_t count);

#endif
