/* SPDX-License-Identifier: MIT */
/*
 * config_load: which cloche.ini is meant
 *
 * The one that --config names, or $CLOCHE_CONFIG; else the nearest in the working directory or
 * above it, up to the caller's home directory, or to the root from elsewhere.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "config.h"

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/*
 * A file can start programs. One above the working directory that is neither ours, nor root's, nor
 * of whoever owns the working directory may be a trap: anybody can write to /tmp.
 */
static bool is_trusted(const struct stat *file)
{
	struct stat here;

	return file->st_uid == geteuid() || !file->st_uid ||
	       (!stat(".", &here) && file->st_uid == here.st_uid);
}

/* Returns a descriptor, -ENOENT, or another -errno with a sentence. */
static int open_found(struct config *config, const char *directory, char *why, size_t size)
{
	fd_close int fd = -1;
	struct stat file;

	if ((size_t)snprintf(config->shown, sizeof(config->shown), "%s/" CONFIG_NAME,
			     strcmp(directory, "/") ? directory : "") >= sizeof(config->shown))
		return -ENOENT;
	fd = open(config->shown, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return -ENOENT;
	if (fd < 0 || fstat(fd, &file)) {
		int error = errno;

		snprintf(why, size, "cannot read %s: %s; name another by --config, or --no-config",
			 config->shown, strerror(error));
		return -error;
	}
	if (!is_trusted(&file)) {
		snprintf(why, size,
			 "%s belongs to user %u, who is neither you nor root nor the owner of this "
			 "directory; name it by --config to trust it, or give --no-config",
			 config->shown, file.st_uid);
		return -EPERM;
	}
	return fd_take(&fd);
}

/* However it is written: with a slash at its end, or by a symbolic link. */
static bool is_home(const char *directory)
{
	const char *home = variable("HOME");
	struct stat here, there;

	return home && !stat(directory, &here) && !stat(home, &there) &&
	       here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

static int search(struct config *config, char *why, size_t size)
{
	char directory[PATH_MAX];
	bool here = true;

	if (!getcwd(directory, sizeof(directory)))
		return -ENOENT;
	while (true) {
		int fd = open_found(config, directory, why, size);
		char *slash = strrchr(directory, '/');

		if (fd != -ENOENT) {
			if (here)
				snprintf(config->shown, sizeof(config->shown), CONFIG_NAME);
			else
				snprintf(config->directory, sizeof(config->directory), "%s",
					 strcmp(directory, "/") ? directory : "/.");
			return fd;
		}
		if (!directory[1] || is_home(directory))
			return -ENOENT;
		here = false;
		slash[slash == directory] = '\0';
	}
}

static int open_named(struct config *config, const char *path, char *why, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error = errno;
	const char *slash = strrchr(path, '/');

	if (fd < 0) {
		snprintf(why, size,
			 "cannot read the configuration '%s': %s; name a file that is there, or "
			 "give --no-config",
			 path, strerror(error));
		return -error;
	}
	snprintf(config->shown, sizeof(config->shown), "%s", path);
	if (slash)
		snprintf(config->directory, sizeof(config->directory), "%.*s",
			 slash == path ? 2 : (int)(slash - path), slash == path ? "/." : path);
	return fd;
}

/* The whole of a file, allocated. */
static int read_file(const struct config *config, int fd, char **ret_text, size_t *ret_size,
		     char *why, size_t size)
{
	char *text = malloc(CONFIG_MAX + 1);
	size_t used = 0;
	ssize_t got = 1;
	int error;

	while (text && got > 0 && used <= CONFIG_MAX) {
		got = read(fd, text + used, CONFIG_MAX + 1 - used);
		used += got > 0 ? got : 0;
	}
	error = !text ? ENOMEM : got < 0 ? errno : used > CONFIG_MAX ? EFBIG : 0;
	if (!error) {
		*ret_text = text;
		*ret_size = used;
		return 0;
	}
	free(text);
	snprintf(why, size,
		 "cannot read %s: %s; name another file by --config, or give --no-config",
		 config->shown, error == EFBIG ? "it is larger than 1 MiB" : strerror(error));
	return -error;
}

/* "env = NAME" passes the caller's variable on. */
static int fill_in_variables(struct config *config, char *why, size_t size)
{
	int used;

	for (size_t s = 0; s < config->count; s++)
		for (size_t i = 0; i < config->sections[s].count; i++) {
			struct config_value *value = &config->sections[s].values[i];
			const char *found;
			char *text;

			if (strcmp(value->name, "env") || !*value->text || strchr(value->text, '='))
				continue;
			used = snprintf(why, size, "%s:%u: ", config->shown, value->line);
			if (used < (int)size &&
			    session_refuses(value->text, why + used, size - used))
				return -EINVAL;
			found = getenv(value->text);
			value->absent = !found;
			if (found && asprintf(&text, "%s=%s", value->text, found) < 0)
				return -ENOMEM;
			if (found) {
				free(value->text);
				value->text = text;
			}
		}
	return 0;
}

static int read_config(struct config *config, const struct flags *flags, char *why, size_t size)
{
	const char *named = flags->config ? flags->config : variable("CLOCHE_CONFIG");
	memory_free char *text = NULL;
	size_t text_size = 0;
	fd_close int fd = -1;
	int result;

	fd = named ? open_named(config, named, why, size) : search(config, why, size);
	if (fd == -ENOENT && !named) {
		*config->shown = '\0';
		return 0;
	}
	if (fd < 0)
		return fd;
	result = read_file(config, fd, &text, &text_size, why, size);
	if (!result)
		result = config_parse(config, text, text_size, why, size);
	return result ? result : fill_in_variables(config, why, size);
}

int config_load(struct config *config, struct flags *flags, int argc, char **argv, char *why,
		size_t size)
{
	const char *profile = flags->profile ? flags->profile : variable("CLOCHE_PROFILE");
	enum command command = flags->command;
	int result = 0;

	*config = (struct config){0};
	if (flags->no_config && flags->config) {
		snprintf(why, size, "--config and --no-config exclude each other; give one");
		return -EINVAL;
	}
	if (!flags->no_config)
		result = read_config(config, flags, why, size);
	else if (!flags->profile)
		profile = NULL;
	if (!result)
		result = config_choose(config, profile, why, size);
	if (result < 0)
		return result;
	flags_free(flags);
	flags_begin(flags, command);
	result = config_to_flags(config, flags, why, size);
	return result ? result : flags_words(flags, argc, argv, why, size);
}
