/* SPDX-License-Identifier: MIT */
/*
 * Coverage data of the cells comes home.
 *
 * While cells run, libgcov merges into one directory (fixtures/coverage.c). What the build tree has
 * no data for yet is moved there; what it has is merged by gcov-tool(1), in one go at the end. What
 * LLVM's run-time wrote goes to the working directory, or where LLVM_PROFILE_FILE says, for
 * llvm-profdata(1) to merge.
 *
 * The keeper holds a lock on that directory, flock(2), as long as it lives: one that nobody has
 * locked belonged to a run that was killed, and the next one removes it.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "directories.h"
#include "keeper.h"

#define PLACE "/tmp/cloche-coverage-"
#define KEPT  "/tmp/cloche-kept-coverage-"

static struct {
	const char *base; /* the directory that cells wrote to, with new/, old/ and out/ */
	struct keeper *keeper;
	int lock; /* on that directory */
	unsigned to_merge, failed;
} now;

/* Returns the directory, locked, or -errno: -EWOULDBLOCK when its run still lives. */
static int lock_directory(const char *path)
{
	fd_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) || flock(fd, LOCK_EX | LOCK_NB))
		return -errno;
	return status.st_uid == geteuid() ? fd_take(&fd) : -EPERM;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	remove(path); /* what cannot be removed must not keep the rest */
	return 0;
}

static void remove_abandoned(void)
{
	DIR *directory = opendir("/tmp");

	for (struct dirent *entry; directory && (entry = readdir(directory));) {
		char path[PATH_MAX];
		fd_close int fd = -1;

		snprintf(path, sizeof(path), "/tmp/%s", entry->d_name);
		if (strncmp(path, PLACE, strlen(PLACE)))
			continue;
		fd = lock_directory(path);
		if (fd >= 0)
			nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	}
	if (directory)
		closedir(directory);
}

/* Somebody may take it for abandoned before it is locked, and remove it: then there is another. */
static int make_directory(char *path)
{
	struct stat status;

	for (int i = 0; i < 100; i++) {
		strcpy(path, PLACE "XXXXXX");
		if (!mkdtemp(path))
			break;
		now.lock = lock_directory(path);
		if (now.lock >= 0 && !stat(path, &status))
			return 0;
		now.lock = safe_close(now.lock);
	}
	path[0] = '\0';
	return -errno;
}

int coverage_begin(struct session *session)
{
	char path[128];
	int result;

	if (session->coverage[0])
		return 0;
	remove_abandoned();
	result = make_directory(session->coverage);
	if (result < 0)
		return result;
	snprintf(path, sizeof(path), "%s/new", session->coverage);
	if (mkdir(path, 0777) || chmod(path, 01777))
		return -errno;
	/* Cells that root starts write as somebody else. */
	if (chmod(session->coverage, 0711))
		return -errno;
	strcat(session->coverage, "/new");
	return 0;
}

static int copy_file(const char *from, const char *to)
{
	fd_close int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	fd_close int out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct stat status;

	if (in < 0 || out < 0 || fstat(in, &status))
		return -errno;
	while (status.st_size > 0) {
		ssize_t copied = sendfile(out, in, NULL, status.st_size);

		if (copied <= 0)
			return copied ? -errno : -EIO;
		status.st_size -= copied;
	}
	return 0;
}

/*
 * What cells leave there is not trusted: only a .gcda whose notes file the compiler has put beside
 * it is coverage data of this build.
 */
static bool is_of_a_build(const char *real)
{
	size_t size = strlen(real);
	char notes[PATH_MAX];

	if (size < 5 || size >= sizeof(notes) || strcmp(real + size - 5, ".gcda"))
		return false;
	memcpy(notes, real, size - 2);
	strcpy(notes + size - 2, "no");
	return !access(notes, F_OK);
}

/* "1234567890_2.profraw", as LLVM's run-time names it for %4m. */
static bool is_profile(const char *name)
{
	size_t known = strspn(name, "0123456789_");

	return known && known < 64 && !strcmp(name + known, ".profraw");
}

/* Where LLVM's run-time would write to, without cells: but never over what is there. */
static int copy_profile(const char *path, const char *name)
{
	const char *asked = getenv("LLVM_PROFILE_FILE");
	const char *slash = asked ? strrchr(asked, '/') : NULL;
	char to[PATH_MAX];

	for (unsigned number = 1; number < 100000; number++) {
		int fd;

		if (snprintf(to, sizeof(to), "%.*scloche-%u-%s",
			     slash ? (int)(slash + 1 - asked) : 0, asked, number,
			     name) >= (int)sizeof(to))
			return -ENAMETOOLONG;
		fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (fd >= 0) {
			close(fd);
			return copy_file(path, to);
		}
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

/* `path` is BASE/new/REAL/PATH.gcda */
static int take_new(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	const char *real = path + strlen(now.base) + strlen("/new");
	char old[PATH_MAX];

	(void)status;
	(void)ftw;
	if (type != FTW_F)
		return 0;
	if (!strchr(real + 1, '/') && is_profile(real + 1)) {
		now.failed += copy_profile(path, real + 1) < 0;
		unlink(path);
		return 0;
	}
	if (!is_of_a_build(real)) {
		unlink(path);
		return 0;
	}
	if (access(real, F_OK)) {
		now.failed += copy_file(path, real) < 0;
		unlink(path);
		return 0;
	}
	if (snprintf(old, sizeof(old), "%s/old%s", now.base, real) < (int)sizeof(old)) {
		directories_above(old, 0777);
		now.to_merge += !copy_file(real, old);
	}
	return 0;
}

static int take_merged(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status;
	(void)ftw;
	if (type == FTW_F)
		now.failed += copy_file(path, path + strlen(now.base) + strlen("/out")) < 0;
	return 0;
}

static int run_merge(void)
{
	char old[128], new[128], out[128];
	char *arguments[] = {"gcov-tool", "merge", old, new, "-o", out, NULL};
	int status = 0, null;
	pid_t pid;

	snprintf(old, sizeof(old), "%s/old", now.base);
	snprintf(new, sizeof(new), "%s/new", now.base);
	snprintf(out, sizeof(out), "%s/out", now.base);
	pid = fork();
	if (!pid) {
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		dup2(null, 1);
		execvp(arguments[0], arguments);
		_exit(127);
	}
	return pid < 0 || waitpid(pid, &status, 0) != pid || status ? -1 : 0;
}

void coverage_end(struct session *session, struct keeper *keeper)
{
	char path[128];

	if (!session->coverage[0])
		return;
	*strrchr(session->coverage, '/') = '\0';
	now.base = session->coverage;
	snprintf(path, sizeof(path), "%s/new", now.base);
	nftw(path, take_new, 16, FTW_PHYS);
	if (now.to_merge) {
		if (run_merge()) {
			/* Under another name, which the next run leaves alone. */
			snprintf(path, sizeof(path), KEPT "%s", now.base + strlen(PLACE));
			rename(now.base, path);
			keeper_message(
				keeper,
				"coverage data is left in '%s/new': gcov-tool cannot merge it "
				"into the build tree; is gcc installed, in the version that "
				"built the suite?",
				path);
			return;
		}
		snprintf(path, sizeof(path), "%s/out", now.base);
		nftw(path, take_merged, 16, FTW_PHYS);
	}
	if (now.failed)
		keeper_message(keeper,
			       "%u files of coverage data could not be written to the build tree; "
			       "is it yours?",
			       now.failed);
	nftw(now.base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	now.lock = safe_close(now.lock);
	session->coverage[0] = '\0';
}
