/* SPDX-License-Identifier: MIT */
/*
 * Who started us, where, and what of the environment cells get to see.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cleanup.h"
#include "config.h"
#include "flags.h"
#include "stage.h"

/*
 * Variables that say how programs are found and how they print, none that says who or where the
 * user is. A name that ends in '*' is a prefix.
 */
static const char *const allowed[] = {"PATH",
				      "LANG",
				      "LANGUAGE",
				      "LC_*",
				      "TERM",
				      "COLORTERM",
				      "SHELL",
				      "LD_LIBRARY_PATH",
				      "HOME",
				      "USER",
				      "ASAN_OPTIONS",
				      "LSAN_OPTIONS",
				      "MSAN_OPTIONS",
				      "TSAN_OPTIONS",
				      "UBSAN_OPTIONS",
				      "ASAN_SYMBOLIZER_PATH",
#ifdef CLOCHE_COVERED
				      "GCOV_PREFIX",
#endif
				      NULL};

static bool is_allowed(const char *variable)
{
	size_t size = strcspn(variable, "=");

	for (const char *const *name = allowed; *name; name++) {
		size_t length = strlen(*name);

		if ((*name)[length - 1] == '*' ? !strncmp(variable, *name, length - 1)
					       : length == size && !strncmp(variable, *name, size))
			return true;
	}
	return false;
}

/* Whoever was started without HOME, by cron(8) or a service, has one all the same. */
static char *home_of(const struct passwd *user)
{
	static char home[PATH_MAX + 8];

	snprintf(home, sizeof(home), "HOME=%s", user ? user->pw_dir : "/");
	return home;
}

static int clean_environment(struct session *session, const struct passwd *user)
{
	size_t count = 0, used = 0;

	while (environ[count])
		count++;
	session->environment = calloc(count + 7, sizeof(char *));
	if (!session->environment)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (is_allowed(environ[i]))
			session->environment[used++] = environ[i];
	/*
	 * A zygote looks up its symbols once; bound lazily, every case would do so again. And as it
	 * starts, LLVM's run-time makes an empty file for coverage data, of which it has none. The
	 * zygote takes both out of the environment.
	 */
	session->environment[used++] = "LD_BIND_NOW=1";
	session->environment[used++] = "LLVM_PROFILE_FILE=/dev/null";
	session->environment[used++] = "TZ=UTC";
	session->environment[used++] = "CLOCHE=1";
	if (!getenv("PATH"))
		session->environment[used++] =
			"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	if (!getenv("HOME"))
		session->environment[used++] = home_of(user);
	return 0;
}

bool session_refuses(const char *env, char *why, size_t size)
{
	for (const char *at = env; at && *at; at += strcspn(at, "\n"), at += *at == '\n') {
		int length = (int)strcspn(at, "\n");

		if (!shard_is_variable(at, (size_t)length))
			continue;
		snprintf(why, size,
			 "--env: %.*s divides this run, and cases do not see it; to set it for "
			 "them, give it a value, %.*s=VALUE",
			 length, at, length, at);
		return true;
	}
	return false;
}

/* "A\nB=2" becomes "A=value of ours\nB=2". */
static int fill_in_values(const char **list)
{
	const char *at = *list;
	char *text = NULL;
	size_t size = 0;
	FILE *out;

	if (!at)
		return 0;
	out = open_memstream(&text, &size);
	if (!out)
		return -ENOMEM;
	while (*at) {
		size_t length = strcspn(at, "\n");
		char *item = strndup(at, length);
		const char *value = item && !strchr(item, '=') ? getenv(item) : NULL;

		if (item && (value || strchr(item, '=')))
			fprintf(out, "%s%s%s%s", ftell(out) ? "\n" : "", item, value ? "=" : "",
				value ? value : "");
		free(item);
		at += length + (at[length] == '\n');
	}
	if (fclose(out))
		return -ENOMEM;
	*list = *text ? text : NULL;
	return 0;
}

/*
 * Uid 0 alone does not make us the machine's root: in a user namespace without STAGE_BASE, as in
 * a cell or in most containers that are not privileged, we are somebody ordinary outside.
 */
static bool has_range(void)
{
	file_close FILE *map = fopen("/proc/self/uid_map", "re");
	unsigned long inside, outside, count;

	while (map && fscanf(map, "%lu %lu %lu", &inside, &outside, &count) == 3)
		if (inside <= STAGE_BASE && STAGE_BASE + STAGE_COUNT <= inside + count)
			return true;
	return false;
}

/* Many cells at once want many descriptors. */
static void raise_descriptors(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int session_begin(struct session *session, const struct flags *flags, struct config *config,
		  char *why, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", session->self, sizeof(session->self) - 1);
	int error = errno;
	struct passwd *user = getpwuid(getuid());

	if (length < 0) {
		snprintf(why, size, "cannot read /proc/self/exe: %s; is /proc mounted?",
			 strerror(error));
		return -error;
	}
	session->self[length] = '\0';
	if (!getcwd(session->cwd, sizeof(session->cwd))) {
		snprintf(why, size, "the working directory is gone (%s); cd to one that exists",
			 strerror(errno));
		return -errno;
	}
	session->uid = geteuid();
	session->gid = getegid();
	session->as_root = !session->uid && has_range();
	session->config = config;
	config_before(config, &session->under);
	session->over = flags->over;
	session->over.no_isolation |= session->under.no_isolation; /* it is of the whole run */
	if (user)
		setenv("USER", user->pw_name, 1); /* how /etc/subuid knows us, see stage_ids.c */
	raise_descriptors();
	if (!(flags->command & (COMMAND_EXEC | COMMAND_SHELL)) &&
	    session_refuses(session->over.env, why, size))
		return -EINVAL;
	return fill_in_values(&session->over.env) || clean_environment(session, user) ? -ENOMEM : 0;
}
