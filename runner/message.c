/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "message.h"

union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(MESSAGE_DESCRIPTORS * sizeof(int))];
};

int message_send(int socket, const void *message, size_t size, const int *descriptors, size_t count)
{
	struct iovec iov = {(void *)message, size};
	union control control = {0};
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1};

	if (count) {
		header.msg_control = &control;
		header.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(count * sizeof(int)),
						  .cmsg_level = SOL_SOCKET,
						  .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(&control.header), descriptors, count * sizeof(int));
	}
	return sendmsg(socket, &header, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

ssize_t message_receive(int socket, void *message, size_t size, int *descriptors, size_t count)
{
	struct iovec iov = {message, size};
	union control control;
	struct msghdr header = {.msg_iov = &iov,
				.msg_iovlen = 1,
				.msg_control = &control,
				.msg_controllen = sizeof(control)};
	ssize_t received = recvmsg(socket, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	struct cmsghdr *rights = received > 0 ? CMSG_FIRSTHDR(&header) : NULL;
	int all[MESSAGE_DESCRIPTORS];
	size_t came;

	for (size_t i = 0; i < count; i++)
		descriptors[i] = -1;
	if (!rights || rights->cmsg_type != SCM_RIGHTS)
		return received;
	came = (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(all, CMSG_DATA(rights), came * sizeof(int));
	for (size_t i = 0; i < came; i++)
		if (i < count)
			descriptors[i] = all[i];
		else
			close(all[i]);
	return received;
}
