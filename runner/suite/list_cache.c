/* SPDX-License-Identifier: MIT */
/*
 * A file: a line with sizes and a hash, then the key, and the three texts, one after the other. The
 * second line of the key is the path of the program, for list_prune.c.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "hash.h"
#include "keeper.h"
#include "suite/libraries.h"
#include "suite/list_cache.h"
#include "suite/list_prune.h"
#include "state.h"
#include "world.h"

#define WORLD_BYTES 65536
#define HEAD_BYTES  160
#define FORMAT                                                                                     \
	"cloche-list 1 %zu %zu %zu %zu %d %016" PRIx64 "\n" /* sizes, status, hash of the rest */

static uint64_t hash_bytes(uint64_t hash, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3u;
	return hash;
}

/* The world as the cell will have it: another root, another user see other cases. */
static void put_world(FILE *to, const struct suite *asked, const struct session *session)
{
	char *text = malloc(WORLD_BYTES), *block = NULL;
	struct cloche_options options;

	if (text && plan_world(asked->cases, asked, session, &options, &block) == 0 &&
	    world_format(&options, text, WORLD_BYTES) < WORLD_BYTES)
		fputs(text, to);
	free(block);
	free(text);
}

int list_key_make(struct list_key *key, const struct suite *asked,
		  const struct command_line *command, const struct session *session)
{
	struct stat status = {0};
	FILE *to = open_memstream(&key->text, &key->size);

	if (!to)
		return -ENOMEM;
	stat(asked->path, &status);
	fprintf(to, "%s %s\n%s\n", CLOCHE_VERSION, asked->kind->name, asked->path);
	put_version(to, &status);
	libraries_put(to, asked->path);
	fprintf(to, "%s\n", session->cwd);
	for (size_t at = 0; at < command->words_size; at += strlen(command->words + at) + 1)
		fprintf(to, "%s\n", command->words + at);
	put_world(to, asked, session);
	key->name = hash_text(HASH_START, asked->path);
	key->name = hash_bytes(key->name, command->words, command->words_size);
	return fclose(to) ? -ENOMEM : 0;
}

void list_key_free(struct list_key *key)
{
	free(key->text);
}

void answer_free(struct answer *answer)
{
	free(answer->out);
	free(answer->errors);
	free(answer->result);
}

static bool path_of(const struct list_key *key, char *path, size_t size, bool make)
{
	char directory[PATH_MAX], why[256];

	return state_directory("lists", directory, sizeof(directory), why, sizeof(why)) == 0 &&
	       (!make || state_make(directory) == 0) &&
	       snprintf(path, size, "%s/%016" PRIx64, directory, key->name) < (int)size;
}

static char *read_text(const char **at, const char *end, size_t size)
{
	char *text = (size_t)(end - *at) >= size ? malloc(size + 1) : NULL;

	if (text) {
		memcpy(text, *at, size);
		text[size] = '\0';
		*at += size;
	}
	return text;
}

static bool parse(const struct list_key *key, const char *text, size_t size, struct answer *answer)
{
	const char *at = memchr(text, '\n', size < HEAD_BYTES ? size : HEAD_BYTES);
	const char *end = text + size;
	uint64_t hash;
	size_t key_size;

	if (!at ||
	    sscanf(text, "cloche-list 1 %zu %zu %zu %zu %d %" SCNx64, &key_size, &answer->out_size,
		   &answer->errors_size, &answer->result_size, &answer->wait_status, &hash) != 6)
		return false;
	at++;
	if (hash_bytes(HASH_START, at, end - at) != hash || key_size != key->size ||
	    (size_t)(end - at) < key_size || memcmp(at, key->text, key_size))
		return false;
	at += key_size;
	answer->out = read_text(&at, end, answer->out_size);
	answer->errors = read_text(&at, end, answer->errors_size);
	answer->result = read_text(&at, end, answer->result_size);
	return answer->out && answer->errors && answer->result && at == end;
}

bool list_cache_get(const struct list_key *key, struct answer *answer)
{
	memory_free char *text = NULL;
	char path[PATH_MAX];
	fd_close int fd = path_of(key, path, sizeof(path), false)
				  ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
				  : -1;
	struct stat status;

	if (fd < 0 || fstat(fd, &status) || status.st_uid != geteuid() || !status.st_size)
		return false;
	text = calloc(1, status.st_size + 1);
	if (text && pread(fd, text, status.st_size, 0) == status.st_size &&
	    parse(key, text, status.st_size, answer)) {
		list_used(fd, &status);
		return true;
	}
	answer_free(answer);
	*answer = (struct answer){0};
	return false;
}

static bool write_all(int fd, const struct list_key *key, const struct answer *answer)
{
	const char *const texts[] = {key->text, answer->out, answer->errors, answer->result};
	const size_t sizes[] = {key->size, answer->out_size, answer->errors_size,
				answer->result_size};
	uint64_t hash = HASH_START;

	for (int i = 0; i < 4; i++)
		hash = hash_bytes(hash, texts[i], sizes[i]);
	if (dprintf(fd, FORMAT, sizes[0], sizes[1], sizes[2], sizes[3], answer->wait_status, hash) <
	    0)
		return false;
	for (int i = 0; i < 4; i++)
		for (size_t done = 0; done < sizes[i];) {
			ssize_t size = write(fd, texts[i] + done, sizes[i] - done);

			if (size <= 0)
				return false;
			done += size;
		}
	return true;
}

/* Under another name first: nobody sees a half of it. */
void list_cache_put(const struct list_key *key, const struct answer *answer)
{
	char path[PATH_MAX], fresh[PATH_MAX + 8];
	int fd;

	if (!path_of(key, path, sizeof(path), true))
		return;
	snprintf(fresh, sizeof(fresh), "%s.XXXXXX", path);
	fd = mkostemp(fresh, O_CLOEXEC);
	if (fd < 0)
		return;
	if (!write_all(fd, key, answer) || rename(fresh, path))
		unlink(fresh);
	close(fd);
	list_prune(path);
}
