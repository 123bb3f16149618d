/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "report.h"

#define PAGE_KEPT (512u << 10) /* of memory, between two events */

int page_open(struct page *page, int fd)
{
	page->fd = fd;
	page->out = open_memstream(&page->text, &page->size);
	return page->out ? 0 : -ENOMEM;
}

int report_write(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t written = write(fd, text, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0 && errno == EAGAIN) { /* whoever reads it set O_NONBLOCK */
			poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
			continue;
		}
		if (written < 0)
			return -errno;
		text += written;
		size -= written;
	}
	return 0;
}

int report_close(int fd)
{
	return close(fd) && errno != EINTR ? -errno : 0;
}

int page_flush(struct page *page)
{
	int result;

	if (fflush(page->out))
		return -ENOMEM;
	if (!page->size)
		return 0;
	result = report_write(page->fd, page->text, page->size);
	rewind(page->out);
	if (page->size > PAGE_KEPT) { /* one case printed much: give the memory back */
		fclose(page->out);
		free(page->text);
		if (page_open(page, page->fd) < 0)
			return -ENOMEM;
	}
	/* The stream's size follows its position: nothing is left of what was written. */
	fflush(page->out);
	return result;
}

int page_close(struct page *page)
{
	int result = page_flush(page), closed = report_close(page->fd);

	fclose(page->out);
	free(page->text);
	return result ? result : closed;
}
