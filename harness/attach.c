/* SPDX-License-Identifier: MIT */
/*
 * Attachments: files, and memory, that outlive the cell
 *
 * They travel one after the other: the pieces of two are never mixed. A file goes in pieces as it
 * is read, so that it may be of any size.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "body.h"
#include "cloche.h"
#include "say.h"
#include "text.h"

#define CHUNK 65536

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static struct record_text text_of(const char *string)
{
	return (struct record_text){string, strlen(string)};
}

static ssize_t read_some(int fd, char *buffer)
{
	ssize_t size;

	do
		size = read(fd, buffer, CHUNK);
	while (size < 0 && errno == EINTR);
	return size < 0 ? -errno : size;
}

/* Only the first record has the name; an empty one without RECORD_MORE is the end. */
static int send_file(const char *name, int fd, uint64_t size)
{
	struct record record = {
		.type = RECORD_ATTACH, .flags = RECORD_MORE, .a = size, .name = text_of(name)};
	char *buffer = malloc(CHUNK);
	ssize_t got = buffer ? read_some(fd, buffer) : -ENOMEM;

	if (got >= 0) {
		for (; got > 0; got = read_some(fd, buffer)) {
			record.text = (struct record_text){buffer, (size_t)got};
			say(&record);
			record.name = (struct record_text){0};
		}
		record.flags = 0;
		record.text = (struct record_text){0};
		say(&record);
	}
	free(buffer);
	return (int)got;
}

static int attach_path(const char *name, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), result;
	struct stat status = {0};

	if (fd < 0)
		return -errno;
	fstat(fd, &status);
	pthread_mutex_lock(&one_at_a_time);
	result = send_file(name, fd, (uint64_t)status.st_size);
	pthread_mutex_unlock(&one_at_a_time);
	close(fd);
	return result;
}

void cloche_attach_at(const char *file, unsigned line, const char *name, const char *path)
{
	int saved = errno, result = attach_path(name, path);
	char buffer[1024];
	struct text text;

	if (result < 0) {
		body_check();
		text_start(&text, buffer, sizeof(buffer));
		text_add(&text, "cannot attach '%s' as '%s': %s", path, name,
			 strerrordesc_np(-result));
		body_failure(file, line, "attach()", text.data, text.size, -result);
	}
	errno = saved;
}

void cloche_attach_bytes(const char *name, const void *data, size_t size)
{
	pthread_mutex_lock(&one_at_a_time);
	say(&(struct record){
		.type = RECORD_ATTACH, .a = size, .name = text_of(name), .text = {data, size}});
	pthread_mutex_unlock(&one_at_a_time);
}
