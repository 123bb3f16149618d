/* SPDX-License-Identifier: MIT */
/*
 * cloche.h: write tests in C, each of which runs in a world of its own
 *
 * The shortest suite is one file:
 *
 *	#include <cloche.h>
 *	#include <unistd.h>
 *
 *	TEST(hostname_is_mine, .hostname = "moon")
 *	{
 *		char name[64];
 *
 *		EXPECT_OK(gethostname(name, sizeof(name)));
 *		EXPECT_STR(name, ==, "moon");
 *		EXPECT_OK(sethostname("mars", 4));      // nobody else will notice
 *	}
 *
 * Build it with `cc t_name.c -lcloche`, which brings a main() too; run it with `./t_name` or
 * `cloche run .`. C11 or later with GNU extensions, or C++17; gcc or clang; Linux. -Wpedantic finds
 * nothing, but that options are an extension before C++20.
 *
 * What happens to a case:
 *  1. It gets a cell: fresh user, mount, pid, net, ipc, uts, cgroup and time namespaces, set up
 *     as its options say (struct cloche_options below). A cell that cannot be had as asked is an
 *     error of that case, never a weaker cell.
 *  2. In the cell a process is forked from the suite's program: the test. It is not pid 1. Its
 *     standard input is empty, its signals are at their defaults (apart from handlers for crash
 *     signals, which report and then let the crash happen), its umask is 022, its working
 *     directory is /tmp, only descriptors 0, 1 and 2 are open besides one that cloche uses.
 *  3. SETUP, the body and TEARDOWN run in it. What they have to say (failures, notes, attachments)
 *     leaves the cell as it happens: a crash loses nothing that was said before it.
 *  4. The case passes when the test comes to its end without a failure. Whatever it leaves behind,
 *     processes, files, mounts, objects of System V IPC, vanishes with the cell; processes left
 *     behind are reported.
 *
 * Failed expectations do not end a test, failed requirements do: EXPECT for what is asserted,
 * REQUIRE for what the rest of the test cannot do without.
 *
 * Contents: options; cases; fixtures; expectations; skip, note, fail, attach; children; time; the
 * program; and after the line, how it works, which nobody needs to read.
 *
 * Names: everything begins with cloche_ or CLOCHE_ but the capital words below and the short
 * names skip, note, fail, attach, attach_bytes, seconds, milliseconds, minutes, hours, days, and
 * clock_set_uptime, _set_wall, _step_wall, _set_tai, _wall_speed, _suspend, _advance, _report.
 *Where a short name is in the way, define CLOCHE_NO_SHORT_NAMES before the include and write
 *cloche_skip and so on.
 */
#ifndef CLOCHE_H
#define CLOCHE_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#ifdef __cplusplus
#include <type_traits>
#endif

/* ---- options ------------------------------------------------------------------------------ */

#define ROOT_MINIMAL "minimal"
#define ROOT_COW     "cow"
#define ROOT_HOST    "host"

/* All of them, for .uptimes and .walls. */
#define CLOCK_WRAPS true
#define CLOCK_EDGES true

/*
 * What a case asks for: TEST(name, .hostname = "moon", .timeout = 2). A misspelt name does not
 * compile. Zero, or absent, is the default of each field; in C++ keep the order of the fields.
 * Every field is a flag of the program too (address_space is --address-space), and a flag wins
 * over the field. Strings are borrowed; literals are best.
 *
 * An option that the machine cannot give makes the case an error that says why and what helps,
 * except where allow_missing names it.
 */
struct cloche_options {
	/*
	 * The case.
	 *
	 * timeout: seconds from the start of the test, set-up of the cell included, to SIGTERM for
	 * everybody in the cell. Default 60.
	 */
	double timeout;
	/* Seconds between that SIGTERM and the SIGKILL that ends the cell. Default 2. */
	double grace;
	/* Words about the case, separated by commas: "slow,net"; told in lists, asked for by
	 * filters. */
	const char *tags;
	/*
	 * The case passes when the test dies of this signal, and fails when it does not. (One that
	 * skips is skipped, here and below.)
	 */
	int expect_signal;
	/* The case passes when it fails, and fails when it passes: for known bugs. */
	bool expect_failure;
	/* A process left behind: "warn" (default), "fail" (the case fails), "ignore". */
	const char *leaks;

	/*
	 * How it is run.
	 *
	 * retries: how often a case that failed is run again, at most 1000 times, each time in a
	 * fresh cell; when it then does not fail, it is "flaky". Errors of the set-up are not tried
	 * again. Default 0; -1 is none, too, where a fixture says otherwise.
	 */
	int retries;
	/* Seconds from a failure to the next attempt, during which others run. Default 0. */
	double retry_delay;
	/* "fixed" (default), or "exponential": each delay is twice the one before. The first is
	 * then 1 second where no retry_delay is given. */
	const char *retry_backoff;
	/* No delay is longer, in seconds. Default 3600. */
	double retry_max_delay;
	/* Each delay is shortened by chance, to no less than half, so that cases which failed
	 * together do not come back together. */
	bool retry_jitter;
	/* A case that runs for so many seconds is told to be slow, and again each time it has run
	 * for as long once more. Default 60. */
	double slow_after;
	/* Cases of one group, of whatever suites, share its slots: one case at a time, or as many
	 * as --group-slots NAME=N says. For what there is one of outside of cells. Default: none.
	 */
	const char *group;
	/* How many of the cells at once (-j) the case counts for: what starts 4 busy threads is 4.
	 * More than there are is all of them: the case runs alone. Default 1. */
	uint64_t threads;
	/* Cases with a higher one start earlier, -1000 to 1000; long ones are best started first.
	 * Default 0. */
	int priority;

	/*
	 * Names, uts_namespaces(7).
	 *
	 * hostname: at most 64 bytes; default "cloche". /etc/hosts of a minimal root agrees.
	 */
	const char *hostname;
	/* The NIS domain name, getdomainname(2), at most 64 bytes. Default "(none)". */
	const char *domainname;

	/*
	 * Time, time_namespaces(7).
	 *
	 * uptime: CLOCK_BOOTTIME and /proc/uptime at the start, in seconds, and CLOCK_MONOTONIC
	 * with it unless that is set by itself: .uptime = days(497). It goes on from there. The
	 * kernel keeps each clock between 0 and half of KTIME_SEC_MAX, about 146 years
	 * (kernel/time/namespace.c); beyond that the case is an error. Default: the machine's.
	 */
	double uptime;
	/* The same as a shift from the machine's clocks, also backwards: -hours(1). */
	double uptime_shift;
	/* CLOCK_MONOTONIC (also _RAW and _COARSE) alone, absolute or as a shift. */
	double monotonic, monotonic_shift;
	/*
	 * wall: CLOCK_REALTIME at the start, "2038-01-19T03:14:00Z" (RFC 3339, years 1970 to 9999),
	 * "@2147483640", "now", or from the machine's "+30d", "-1h"; with ",leap" behind it a
	 * leap second ends the day. It belongs to every process of
	 * the cell, which may set it (clock_settime(2) and its like, with CAP_SYS_TIME) and wait
	 * for it; see the part about clocks below. Default: the machine's, which nobody can set.
	 */
	const char *wall;
	/* How fast it goes: "100", "0.5", "0" stands still. Default 1. */
	const char *wall_speed;
	/*
	 * A matrix: CLOCK_WRAPS makes one case of each of these uptimes, "lease@uptime=49.7d": 0,
	 * and 5 seconds before the time since boot wraps around where programs keep it as
	 * milliseconds in 31 and 32 bits (24.8d, 49.7d), hundredths (248.5d, 497.1d), and seconds
	 * in 31 (24855.1d). Of a case without a cell there is one, at the machine's time.
	 */
	bool uptimes;
	/*
	 * Likewise CLOCK_EDGES of dates, "lease@wall=2038-01-19": each time 5 seconds before the
	 * date, but for 1970-01-01; the others are leap-second, dst-forward and dst-back (when the
	 * clocks of the case's TZ are moved in 2027, if they are), 2028-02-29, 2036-02-07 (NTP),
	 * 2100-03-01 (there is no leap day) and 9999-12-31. With both, every date at every uptime.
	 */
	bool walls;

	/*
	 * Ids, user_namespaces(7). Root in a cell has every capability over the cell, and none over
	 * the machine: outside it is an ordinary user, whoever started the run.
	 *
	 * user: who the test is: "root" (default), "me" (the ids of whoever runs it), or a number.
	 */
	const char *user;
	/*
	 * Which ids exist: "one" (default; chown(2) to any other is EINVAL), or "full": 0 to 65535,
	 * the default with ROOT_COW or a directory where the machine's root started the run.
	 * "full" takes newuidmap(1) and a range in /etc/subuid, or a run started as root. With it,
	 * "me" is somebody else than root of the cell, and may do what that user may outside.
	 */
	const char *ids;

	/*
	 * Files, mount_namespaces(7), pivot_root(2). Everything written is gone afterwards.
	 *
	 * root: ROOT_MINIMAL (default of C suites): /usr, /bin, /lib... of the machine read-only,
	 * an /etc of its own with passwd, group, hosts, nsswitch.conf and resolv.conf, empty
	 * writable /tmp, /home, /root, /run, /var and /dev/shm, a fresh /proc, /sys and /dev.
	 * ROOT_COW: the machine's own files, copy-on-write. ROOT_HOST: the machine's own files,
	 * no copy. Or the path of a directory with a prepared tree.
	 */
	const char *root;
	/* Room for what the case writes, in bytes, tmpfs(5). Default 1 GiB. Full: ENOSPC. */
	uint64_t tmpfs_size;
	/* The working directory. Default: /tmp; with ROOT_COW and ROOT_HOST where the run started.
	 */
	const char *cwd;

	/*
	 * Surroundings.
	 *
	 * env: variables beside the clean ones (PATH, HOME, LANG, TZ=UTC, TMPDIR, TEST_TMPDIR),
	 * separated by newlines: "A=1\nB=2". A name alone passes the caller's value on.
	 */
	const char *env;
	/* Descriptors 0, 1 and 2 are a terminal of the cell's own, pty(7), and the controlling one.
	 */
	bool tty;

	/*
	 * Limits, setrlimit(2), with defaults that stop a runaway; UINT64_MAX is no limit. A test
	 * that fails and has hit one is told so. Asking for more than the hard limit of whoever
	 * runs the suite is an error.
	 *
	 * address_space: bytes of each process (RLIMIT_AS, then ENOMEM). Default 8 GiB; none under
	 * sanitizers, which reserve terabytes.
	 */
	uint64_t address_space;
	/* Bytes of the largest file (RLIMIT_FSIZE, then SIGXFSZ or EFBIG). Default 16 GiB. */
	uint64_t file_size;
	/* Descriptors of each process, counted from 0 (RLIMIT_NOFILE, then EMFILE). Default 1024.
	 */
	uint64_t descriptors;
	/* Processes and threads in the cell (RLIMIT_NPROC, then EAGAIN). Default 1024. */
	uint64_t processes;
	/* Processor seconds of each process (RLIMIT_CPU, then SIGXCPU), rounded up. Default 600. */
	double cpu;

	/*
	 * Isolation.
	 *
	 * allow_missing: namespaces ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time")
	 * or resources ("ids": .ids = "full" without newuidmap; "proc", "keyring") that the case
	 * can do without where they are not to be had, separated by commas; "all". The result says
	 * which were missing.
	 */
	const char *allow_missing;
	/*
	 * No cell at all: the test runs in the world of whoever started the run, and changes that.
	 * Of its other options only timeout, grace, env, cwd, tty and what it expects have effect.
	 */
	bool no_isolation;
};

/* Durations, for .timeout, .uptime and the like: all of them are seconds, as double. */
#ifndef CLOCHE_NO_SHORT_NAMES
#ifdef __cplusplus
constexpr double milliseconds(double n)
{
	return n / 1e3;
}
constexpr double seconds(double n)
{
	return n;
}
constexpr double minutes(double n)
{
	return n * 60;
}
constexpr double hours(double n)
{
	return n * 3600;
}
constexpr double days(double n)
{
	return n * 86400;
}
#else
#define milliseconds(n) ((double)(n) / 1e3)
#define seconds(n)      ((double)(n))
#define minutes(n)      ((double)(n)*60)
#define hours(n)        ((double)(n)*3600)
#define days(n)         ((double)(n)*86400)
#endif
#endif

/* What clock_report() tells. */
struct cloche_clocks {
	struct timespec wall, monotonic, boottime; /* of the cell, now */
	struct timespec machine;                   /* the machine's CLOCK_REALTIME */
	int tai;                                   /* CLOCK_TAI less the wall clock, seconds */
	double speed;                              /* of the wall clock */
	unsigned jumps;                            /* of the clocks so far */
};

#ifndef CLOCHE_NO_CASES /* for code that only wants the types above, not to be a suite */

/* ---- cases -------------------------------------------------------------------------------- */

/*
 * TEST(name, options...) { body }
 *
 * A case. The name is a C identifier, unique in the program (listing says so otherwise, with both
 * places). A program may have any number of files with cases; they run in any order, several at
 * a time, listed by file and line.
 */
#define TEST(...) CLOCHE_TEST(cloche_test_##__VA_ARGS__ CLOCHE_COMMA_IF_ONE(__VA_ARGS__))

/*
 * TEST_EACH(rows, name, options...) { body with `param` }
 *
 * One case a row of `rows`, a static array of structs whose first member is `const char *name`:
 *
 *	static const struct {
 *		const char *name;
 *		int flags;
 *	} modes[] = {{"readonly", O_RDONLY}, {"append", O_WRONLY | O_APPEND}};
 *
 *	TEST_EACH(modes, opens) { EXPECT_OK(open("/dev/null", param->flags)); }
 *
 * makes "opens/readonly" and "opens/append". `param` is a pointer to the row, with its type and
 * const. Each row runs in a cell of its own.
 */
#define TEST_EACH(rows, ...)                                                                       \
	CLOCHE_TEST_EACH(rows, cloche_test_##__VA_ARGS__ CLOCHE_COMMA_IF_ONE(__VA_ARGS__))

/* ---- fixtures ----------------------------------------------------------------------------- */

/*
 * FIXTURE(name, options...) { members };  SETUP(name) { ... }  TEARDOWN(name) { ... }
 * TEST_IN(fixture, name, options...) { body with `self` }
 *
 *	FIXTURE(pipes, .timeout = 2) { int fd[2]; };
 *	SETUP(pipes) { REQUIRE_OK(pipe(self->fd)); }
 *	TEARDOWN(pipes) { close(self->fd[0]); close(self->fd[1]); }
 *	TEST_IN(pipes, carries_a_byte) { EXPECT(write(self->fd[1], "x", 1), ==, 1); }
 *
 * makes "pipes.carries_a_byte". FIXTURE defines `struct pipes`, for helper functions that take one;
 * `self` is a pointer to one, all bytes zero before SETUP (in C++ nothing is constructed: members
 * for which that is too little do not compile). Its options are the defaults of its
 * cases; a field that a case sets itself wins. SETUP and TEARDOWN may be left out.
 *
 * SETUP runs in the cell, in the test's process, before each case. TEARDOWN runs after the body,
 * also when the body ended early by REQUIRE or skip(), but not when SETUP itself did: then nothing
 * is known about `self`. After a crash, or at the deadline, it does not run either. The cell goes
 * in any case; TEARDOWN is for what should be looked at, or end in order.
 */
#define FIXTURE(...)                                                                               \
	CLOCHE_FIXTURE(cloche_fixture_##__VA_ARGS__ CLOCHE_COMMA_IF_ONE(__VA_ARGS__))              \
	struct CLOCHE_FIRST(__VA_ARGS__, )

#define SETUP(fixture) CLOCHE_HOOK(fixture, setup)

#define TEARDOWN(fixture) CLOCHE_HOOK(fixture, teardown)

#define TEST_IN(fixture, ...)                                                                      \
	CLOCHE_TEST_IN(struct fixture, cloche_fixture_##fixture, "cloche_test_" #fixture "_",      \
		       cloche_test_##fixture##_##__VA_ARGS__ CLOCHE_COMMA_IF_ONE(__VA_ARGS__))

/* ---- expectations ------------------------------------------------------------------------- */

/*
 * EXPECT(condition)   EXPECT(a, ==, b)   with any of == != < <= > >=
 *
 * A failure says where, the expectation as written, and the values of both sides; the test goes
 * on. Each argument is evaluated once. Numbers compare by their value, whatever their types:
 * -1 is less than 1u, and is not UINT_MAX. Where one side is written as errno or as an errno's
 * name, both are printed by name. char pointers compare as pointers; EXPECT_STR compares text
 * (and EXPECT with a literal fails and says so).
 * Structs do not compare: expect their members, or use EXPECT_MEM. Cast a bit-field that is wider
 * than int. As in every macro, a comma within braces needs parentheses around.
 *
 * Every EXPECT has a REQUIRE, which ends the test at once when it does not hold (TEARDOWN runs).
 * It may be used in functions that the test calls. It ends by longjmp(3): C++ destructors on the
 * way do not run. In another thread than the test's first it ends that thread, pthread_exit(3),
 * and the case fails when its first thread comes to its end. In a child that the test forked it
 * ends the child, with status 1.
 *
 * At most 1000 failures of a case are told, the others are counted. All of this may be used from
 * any thread. errno is left as it was.
 */
#define EXPECT(...)  CLOCHE_CHECK(0, "EXPECT(" #__VA_ARGS__ ")", __VA_ARGS__)
#define REQUIRE(...) CLOCHE_CHECK(1, "REQUIRE(" #__VA_ARGS__ ")", __VA_ARGS__)

/*
 * int fd = EXPECT_OK(open(path, O_RDONLY));
 *
 * Holds when the call's result is not negative; for a pointer: neither NULL nor MAP_FAILED; for
 * a size_t: not (size_t)-1. A failure names the errno, be it in errno (result -1) or in the result
 * itself (-ENOENT). errno is set to 0 before the call. The value is the call's result, with its
 * type.
 */
#define EXPECT_OK(...)  CLOCHE_OK(0, "EXPECT_OK(" #__VA_ARGS__ ")", __VA_ARGS__)
#define REQUIRE_OK(...) CLOCHE_OK(1, "REQUIRE_OK(" #__VA_ARGS__ ")", __VA_ARGS__)

/*
 * EXPECT_ERRNO(EPERM, sethostname("x", 1));
 *
 * Holds when the call fails with just that errno, in either way as above (a pointer: NULL or
 * MAP_FAILED, and errno).
 */
#define EXPECT_ERRNO(error, ...)                                                                   \
	CLOCHE_ERRNO(0, error, "EXPECT_ERRNO(" #error ", " #__VA_ARGS__ ")", __VA_ARGS__)
#define REQUIRE_ERRNO(error, ...)                                                                  \
	CLOCHE_ERRNO(1, error, "REQUIRE_ERRNO(" #error ", " #__VA_ARGS__ ")", __VA_ARGS__)

/*
 * EXPECT_STR(a, ==, b): text, by strcmp(3). NULL equals NULL only. A failure shows the first place
 * at which they differ; texts of several lines, as a diff of lines.
 */
#define EXPECT_STR(a, op, b)  CLOCHE_STR(0, "EXPECT_STR(" #a ", " #op ", " #b ")", a, op, b)
#define REQUIRE_STR(a, op, b) CLOCHE_STR(1, "REQUIRE_STR(" #a ", " #op ", " #b ")", a, op, b)

/*
 * EXPECT_MEM(a, ==, b, size): `size` bytes, by memcmp(3). A failure shows both, side by side,
 * around the places at which they differ.
 */
#define EXPECT_MEM(a, op, b, size)                                                                 \
	CLOCHE_MEM(0, "EXPECT_MEM(" #a ", " #op ", " #b ", " #size ")", a, op, b, size)
#define REQUIRE_MEM(a, op, b, size)                                                                \
	CLOCHE_MEM(1, "REQUIRE_MEM(" #a ", " #op ", " #b ", " #size ")", a, op, b, size)

/* EXPECT_NEAR(a, b, tolerance): |a - b| <= tolerance, in long double. Not a number is near nothing.
 */
#define EXPECT_NEAR(a, b, tolerance)                                                               \
	CLOCHE_NEAR(0, "EXPECT_NEAR(" #a ", " #b ", " #tolerance ")", a, b, tolerance)
#define REQUIRE_NEAR(a, b, tolerance)                                                              \
	CLOCHE_NEAR(1, "REQUIRE_NEAR(" #a ", " #b ", " #tolerance ")", a, b, tolerance)

/* ---- skip, note, fail, attach ------------------------------------------------------------- */

/*
 * skip("needs %s", what): the case cannot be judged here. Ends the test as REQUIRE does; the
 * verdict is skip, unless something failed before.
 *
 * note("...") adds a line to the result, which is shown when the case fails. fail("...") is a
 * failure in your own words; the test goes on. All three format as printf(3), up to 8 KiB.
 *
 * attach("core.log", path) keeps a copy of the file beyond the cell, among the run's artifacts;
 * attach_bytes(name, data, size) does so with memory. They copy at once. A file that cannot be
 * read is a failure of the case.
 */
#define cloche_skip(...) cloche_skip_at(__FILE__, __LINE__, __VA_ARGS__)
#define cloche_note(...) cloche_note_at(__FILE__, __LINE__, __VA_ARGS__)
#define cloche_fail(...) cloche_fail_at(__FILE__, __LINE__, __VA_ARGS__)

#define cloche_attach(name, path) cloche_attach_at(__FILE__, __LINE__, name, path)

/* ---- children ----------------------------------------------------------------------------- */

/*
 * EXPECT_EXIT(3, exit(3));   EXPECT_SIGNAL(SIGABRT, { prepare(); abort(); });
 *
 * Run the statement, or the block, in a forked child, wait, and expect how it ends: by exit with
 * that status, or by that signal. A child that comes to the statement's end, or returns, exits
 * with 0. What the child expects counts for the case. Its signals are at their defaults; it
 * dumps no core. To expect that of the whole test, see .expect_signal.
 */
#define EXPECT_EXIT(status, ...)                                                                   \
	CLOCHE_CHILD(0, status, "EXPECT_EXIT(" #status ", " #__VA_ARGS__ ")", __VA_ARGS__)
#define EXPECT_SIGNAL(signal, ...)                                                                 \
	CLOCHE_CHILD(1, signal, "EXPECT_SIGNAL(" #signal ", " #__VA_ARGS__ ")", __VA_ARGS__)

/* ---- time --------------------------------------------------------------------------------- */

/*
 * clock_set_uptime(seconds): from here on the machine has been up for so long: CLOCK_BOOTTIME,
 * CLOCK_MONOTONIC (with _RAW and _COARSE) and /proc/uptime go on from there, forward or back, as
 * often as you like; as with .uptime. Returns 0, or -1 with errno and all as it was:
 *
 *  - EUSERS: the process has more than one thread. (TSan has one of its own.)
 *  - EPERM: it lacks CAP_SYS_ADMIN in its cell, as with .user = "me", or has no time namespace.
 *  - ERANGE: not from 0 up to 146 years, as for .uptime.
 *  - ENOENT: the kernel has no time namespaces, or the cell no /proc.
 *
 * This process is moved, and the children that it has from now on, time_namespaces(7); which is
 * not what a machine does that sleeps:
 *
 *  - Children that are there already keep the time that they have.
 *  - What is armed with an absolute time, timerfd_create(2) and timer_create(2), keeps the moment
 *    for which it was armed: after a jump of two hours, a timer that was due in one hour is still
 *    due in an hour. It is right again once it is armed anew. Relative times are not concerned.
 *
 *	clock_set_uptime(days(497) - 1);
 */

/*
 * The clocks of a case with the option `wall`, .wall = "2038-01-19T03:14:00Z" or .wall = "now".
 * They belong to the cell: all its processes and threads see a jump at once, and whoever waits
 * until a time is judged anew; relative waits are left alone. When one of these cannot be done the
 * case fails, and the test ends as by REQUIRE. Nobody needs a capability for them, unlike for
 * clock_settime(2), settimeofday(2) and adjtimex(2), which do the same.
 *
 * clock_set_wall(when): CLOCK_REALTIME is "2040-02-29T23:59:50Z" now, "@2214172790", or from now
 * "+1h", "-10s". It goes on from there. As on a machine, not before the uptime, nor after 2232.
 */
#define cloche_clock_set_wall(when)     cloche_clock_set_wall_at(__FILE__, __LINE__, when)
/* The wall clock moves by so many seconds, as it does when it is corrected: -0.5. */
#define cloche_clock_step_wall(seconds) cloche_clock_step_wall_at(__FILE__, __LINE__, seconds)
/* CLOCK_TAI is ahead of the wall clock by so many whole seconds. A leap second is
 * clock_step_wall(-1) and one more here. */
#define cloche_clock_set_tai(seconds)   cloche_clock_set_tai_at(__FILE__, __LINE__, seconds)
/* The wall clock goes so many times as fast as real time, 0 to 1000000; 0: it stands still. */
#define cloche_clock_wall_speed(factor) cloche_clock_wall_speed_at(__FILE__, __LINE__, factor)
/*
 * Experimental: the machine was asleep for so many seconds. CLOCK_BOOTTIME and CLOCK_REALTIME jump,
 * CLOCK_MONOTONIC does not, and timers on the first two ring.
 */
#define cloche_clock_suspend(seconds)   cloche_clock_suspend_at(__FILE__, __LINE__, seconds)
/*
 * Experimental: so many seconds pass at once for everybody in the cell, in steps of `step` seconds
 * (0: in one). All clocks jump, and what waits for no longer than that has waited.
 */
#define cloche_clock_advance(seconds, step)                                                        \
	cloche_clock_advance_at(__FILE__, __LINE__, seconds, step)

/* clock_report(&clocks): what they are, a struct cloche_clocks. */
#define cloche_clock_report(ret_clocks) cloche_clock_report_at(__FILE__, __LINE__, ret_clocks)

/* ---- the program -------------------------------------------------------------------------- */

/*
 * The library brings a main() that returns cloche_main(argc, argv): a complete runner of this
 * program's cases, see `./t_name --help`. Write your own main() to do something before that; it
 * also runs in the process from which the cases are forked, which must have one thread then.
 */

/* ------------------------------------------------------------------------------------------- */
/* How it works. Nothing below is for use by name.                                             */

#endif /* CLOCHE_NO_CASES */

#define CLOCHE_UNUSED __attribute__((unused))
#define CLOCHE_API    __attribute__((visibility("default")))
#ifdef __cplusplus
#define CLOCHE_CAST(type, ...) static_cast<type>(__VA_ARGS__)
#else
#define CLOCHE_CAST(type, ...) ((type)(__VA_ARGS__))
#endif

#ifdef __cplusplus
extern "C" {
#endif

CLOCHE_API int cloche_main(int argc, char **argv);

/* A fixture, and a case, as the macros fill them. Only ever grows at its end. */
struct cloche_fixture {
	const char *name;
	const struct cloche_options *options;
	void (*setup)(void *self);
	void (*teardown)(void *self);
};

struct cloche_case {
	const char *name;
	const char *file;
	unsigned line;
	const struct cloche_options *options;
	void (*call)(void *self, const void *row);
	const struct cloche_fixture *fixture; /* or NULL */
	size_t self_size;                     /* of the struct that FIXTURE defined */
	const void *rows;                     /* or NULL */
	size_t row_count, row_size;
};

/*
 * What every translation unit with cases registers, before main() runs: the bounds of its
 * program's (or shared object's) section of pointers to cases, and what only code linked into that
 * program can see of the coverage run-time (its symbols are hidden).
 */
struct cloche_unit {
	size_t size; /* of this struct */
	const struct cloche_case *const *first, *const *end;
	bool coverage;
	void (*coverage_reset)(void); /* or NULL */
};

CLOCHE_API void cloche_register(const struct cloche_unit *unit);

/* A value of any type that EXPECT compares. */
enum cloche_kind {
	CLOCHE_SIGNED,
	CLOCHE_UNSIGNED,
	CLOCHE_REAL,
	CLOCHE_POINTER,
	CLOCHE_CHARS, /* a char pointer */
	CLOCHE_CHAR,
	CLOCHE_BOOL,
};

struct cloche_value {
	enum cloche_kind kind;
	union {
		long long i;                  /* CLOCHE_SIGNED, CLOCHE_CHAR */
		unsigned long long u;         /* CLOCHE_UNSIGNED, CLOCHE_BOOL */
		const volatile void *pointer; /* CLOCHE_POINTER, CLOCHE_CHARS */
	} as;
	long double real; /* CLOCHE_REAL; in no union, whose ABI changed once */
};

/*
 * An operator as its truth table over a < b, a == b, a > b: a number, and `=` does not compile.
 */
#define CLOCHE_OPERATOR(op) CLOCHE_CAST(unsigned, (0 op 1) << 2 | (1 op 1) << 1 | (1 op 0))

/* The texts are the expectation as written; the result says whether it holds. */
CLOCHE_API bool cloche_truth(const char *file, unsigned line, const char *text, bool holds);
CLOCHE_API bool cloche_compare(const char *file, unsigned line, const char *text, unsigned op,
			       struct cloche_value a, struct cloche_value b);
CLOCHE_API bool cloche_ok(const char *file, unsigned line, const char *text,
			  struct cloche_value result);
CLOCHE_API bool cloche_errno(const char *file, unsigned line, const char *text, int error,
			     struct cloche_value result);
CLOCHE_API bool cloche_str(const char *file, unsigned line, const char *text, unsigned op,
			   const char *a, const char *b);
CLOCHE_API bool cloche_mem(const char *file, unsigned line, const char *text, unsigned op,
			   const void *a, const void *b, size_t size);
CLOCHE_API bool cloche_near(const char *file, unsigned line, const char *text, long double a,
			    long double b, long double tolerance);

/* End the test, the thread or the child, as REQUIRE says. */
CLOCHE_API __attribute__((noreturn)) void cloche_end_test(void);

CLOCHE_API __attribute__((noreturn, format(printf, 3, 4))) void
cloche_skip_at(const char *file, unsigned line, const char *format, ...);
CLOCHE_API __attribute__((format(printf, 3, 4))) void
cloche_note_at(const char *file, unsigned line, const char *format, ...);
CLOCHE_API __attribute__((format(printf, 3, 4))) void
cloche_fail_at(const char *file, unsigned line, const char *format, ...);
CLOCHE_API void cloche_attach_at(const char *file, unsigned line, const char *name,
				 const char *path);
CLOCHE_API void cloche_attach_bytes(const char *name, const void *data, size_t size);

CLOCHE_API int cloche_clock_set_uptime(double seconds);
CLOCHE_API void cloche_clock_set_wall_at(const char *file, unsigned line, const char *when);
CLOCHE_API void cloche_clock_step_wall_at(const char *file, unsigned line, double seconds);
CLOCHE_API void cloche_clock_set_tai_at(const char *file, unsigned line, int seconds);
CLOCHE_API void cloche_clock_wall_speed_at(const char *file, unsigned line, double factor);
CLOCHE_API void cloche_clock_suspend_at(const char *file, unsigned line, double seconds);
CLOCHE_API void cloche_clock_advance_at(const char *file, unsigned line, double seconds,
					double step);
CLOCHE_API void cloche_clock_report_at(const char *file, unsigned line,
				       struct cloche_clocks *ret_clocks);

/*
 * Fork; true in the child, which ends with the second; the parent waits and judges in the third.
 * What is to be judged is kept in the library, for the macro to have no variables: one within
 * another would shadow them.
 */
CLOCHE_API bool cloche_child_start(const char *file, unsigned line, const char *text,
				   bool by_signal, int number);
CLOCHE_API __attribute__((noreturn)) void cloche_child_finish(void);
CLOCHE_API bool cloche_child_expect(const char *file, unsigned line, const char *text);

#ifdef __cplusplus
} /* extern "C" */
#endif

#ifndef CLOCHE_NO_CASES

#ifndef CLOCHE_NO_SHORT_NAMES
#ifdef __cplusplus
/* Functions, not macros: fail() is a member of every stream. */
struct cloche_format {
	const char *format, *file;
	unsigned line;
	cloche_format(const char *format_, const char *file_ = __builtin_FILE(),
		      unsigned line_ = __builtin_LINE())
	    : format(format_), file(file_), line(line_)
	{
	}
};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-security" /* the format came in `at` */
template <typename... Values> [[noreturn]] void skip(cloche_format at, Values... values)
{
	cloche_skip_at(at.file, at.line, at.format, values...);
}
template <typename... Values> void note(cloche_format at, Values... values)
{
	cloche_note_at(at.file, at.line, at.format, values...);
}
template <typename... Values> void fail(cloche_format at, Values... values)
{
	cloche_fail_at(at.file, at.line, at.format, values...);
}
#pragma GCC diagnostic pop
inline void attach(const char *name, const char *path, const char *file = __builtin_FILE(),
		   unsigned line = __builtin_LINE())
{
	cloche_attach_at(file, line, name, path);
}
inline void attach_bytes(const char *name, const void *data, size_t size)
{
	cloche_attach_bytes(name, data, size);
}
inline int clock_set_uptime(double seconds)
{
	return cloche_clock_set_uptime(seconds);
}
inline void clock_set_wall(const char *when, const char *file = __builtin_FILE(),
			   unsigned line = __builtin_LINE())
{
	cloche_clock_set_wall_at(file, line, when);
}
inline void clock_step_wall(double seconds, const char *file = __builtin_FILE(),
			    unsigned line = __builtin_LINE())
{
	cloche_clock_step_wall_at(file, line, seconds);
}
inline void clock_set_tai(int seconds, const char *file = __builtin_FILE(),
			  unsigned line = __builtin_LINE())
{
	cloche_clock_set_tai_at(file, line, seconds);
}
inline void clock_wall_speed(double factor, const char *file = __builtin_FILE(),
			     unsigned line = __builtin_LINE())
{
	cloche_clock_wall_speed_at(file, line, factor);
}
inline void clock_suspend(double seconds, const char *file = __builtin_FILE(),
			  unsigned line = __builtin_LINE())
{
	cloche_clock_suspend_at(file, line, seconds);
}
inline void clock_advance(double seconds, double step, const char *file = __builtin_FILE(),
			  unsigned line = __builtin_LINE())
{
	cloche_clock_advance_at(file, line, seconds, step);
}
inline void clock_report(struct cloche_clocks *ret_clocks, const char *file = __builtin_FILE(),
			 unsigned line = __builtin_LINE())
{
	cloche_clock_report_at(file, line, ret_clocks);
}
#else
#define skip(...)                      cloche_skip(__VA_ARGS__)
#define note(...)                      cloche_note(__VA_ARGS__)
#define fail(...)                      cloche_fail(__VA_ARGS__)
#define attach(name, path)             cloche_attach(name, path)
#define attach_bytes(name, data, size) cloche_attach_bytes(name, data, size)
#define clock_set_uptime(seconds)      cloche_clock_set_uptime(seconds)
#define clock_set_wall(when)           cloche_clock_set_wall(when)
#define clock_step_wall(seconds)       cloche_clock_step_wall(seconds)
#define clock_set_tai(seconds)         cloche_clock_set_tai(seconds)
#define clock_wall_speed(factor)       cloche_clock_wall_speed(factor)
#define clock_suspend(seconds)         cloche_clock_suspend(seconds)
#define clock_advance(seconds, step)   cloche_clock_advance(seconds, step)
#define clock_report(ret_clocks)       cloche_clock_report(ret_clocks)
#endif
#endif

#ifdef __cplusplus
#define CLOCHE_STATIC_ASSERT static_assert
#define CLOCHE_AUTO          auto
#else
#define CLOCHE_STATIC_ASSERT _Static_assert
#define CLOCHE_AUTO          __extension__ __auto_type
#endif

#ifdef __has_attribute
#if __has_attribute(retain) /* ld --gc-sections, with no reference to __start_cloche_cases */
#define CLOCHE_RETAIN __attribute__((used, retain))
#endif
#endif
#ifndef CLOCHE_RETAIN
#define CLOCHE_RETAIN __attribute__((used))
#endif

/* Absent fields are meant to be zero. C++17 takes designated initialisers as an extension. */
#if defined __clang__ && defined __cplusplus
#define CLOCHE_DESIGNATED_PUSH                                                                     \
	_Pragma("clang diagnostic push")                                                           \
		_Pragma("clang diagnostic ignored \"-Wc++20-designator\"")                         \
			_Pragma("clang diagnostic ignored \"-Wmissing-field-initializers\"")
#define CLOCHE_DESIGNATED_POP _Pragma("clang diagnostic pop")
#else
#define CLOCHE_DESIGNATED_PUSH                                                                     \
	_Pragma("GCC diagnostic push")                                                             \
		_Pragma("GCC diagnostic ignored \"-Wmissing-field-initializers\"")                 \
			_Pragma("GCC diagnostic ignored \"-Wpedantic\"")
#define CLOCHE_DESIGNATED_POP _Pragma("GCC diagnostic pop")
#endif

#define CLOCHE_OPTIONS(variable, ...)                                                              \
	CLOCHE_DESIGNATED_PUSH                                                                     \
	CLOCHE_UNUSED static const struct cloche_options variable = {__VA_ARGS__};                 \
	CLOCHE_DESIGNATED_POP

/*
 * TEST and its like take a name and perhaps options, and ISO C wants an argument for every `...`:
 * so the name is in the `...`. It is pasted to a prefix before it is looked at, for a name that is
 * a macro (`unix` is 1) to stay a name. Where there is nothing but a name, a comma is added: the
 * macros that do the work have options, maybe empty ones. For that, the second argument, or ()
 * where there is none, is put behind a macro, which () calls. (So would an option in parentheses:
 * it is followed by a comma then, as an initializer may be.)
 */
#define CLOCHE_COMMA_IF_ONE(...)                                                                   \
	CLOCHE_COMMA_IF_CALLED(CLOCHE_CALLED CLOCHE_SECOND(__VA_ARGS__, (), ))
#define CLOCHE_COMMA_IF_CALLED(...)       CLOCHE_COMMA_OR_NOT(__VA_ARGS__)
#define CLOCHE_COMMA_OR_NOT(...)          CLOCHE_SECOND(__VA_ARGS__, CLOCHE_NOT, )()
#define CLOCHE_CALLED(...)                , CLOCHE_COMMA
#define CLOCHE_COMMA()                    ,
#define CLOCHE_FIRST(first, ...)          first
#define CLOCHE_SECOND(first, second, ...) second
#define CLOCHE_NOT()

/* The name as written, of the symbol that begins with the prefix. */
#define CLOCHE_BEHIND(prefix, symbol) &#symbol[sizeof(prefix) - 1]

#define CLOCHE_TEST(...)      CLOCHE_TEST_AS(__VA_ARGS__)
#define CLOCHE_TEST_EACH(...) CLOCHE_TEST_EACH_AS(__VA_ARGS__)
#define CLOCHE_TEST_IN(...)   CLOCHE_TEST_IN_AS(__VA_ARGS__)
#define CLOCHE_FIXTURE(...)   CLOCHE_FIXTURE_AS(__VA_ARGS__)

#define CLOCHE_TEST_AS(test, ...)                                                                  \
	static void test(void);                                                                    \
	static void cloche_call_##test(CLOCHE_UNUSED void *cloche_self,                            \
				       CLOCHE_UNUSED const void *cloche_row)                       \
	{                                                                                          \
		test();                                                                            \
	}                                                                                          \
	CLOCHE_CASE(test, CLOCHE_BEHIND("cloche_test_", test), 0, 0, 0, 0, 0, __VA_ARGS__)         \
	static void test(void)

#define CLOCHE_TEST_EACH_AS(rows, test, ...)                                                       \
	static void test(const CLOCHE_ROW(rows) * param);                                          \
	static void cloche_call_##test(CLOCHE_UNUSED void *cloche_self, const void *cloche_row)    \
	{                                                                                          \
		CLOCHE_CHECK_ROWS(rows);                                                           \
		test(CLOCHE_CAST(const CLOCHE_ROW(rows) *, cloche_row));                           \
	}                                                                                          \
	CLOCHE_CASE(test, CLOCHE_BEHIND("cloche_test_", test), 0, 0, rows,                         \
		    sizeof(rows) / sizeof((rows)[0]), sizeof((rows)[0]), __VA_ARGS__)              \
	static void test(CLOCHE_UNUSED const CLOCHE_ROW(rows) * param)

#define CLOCHE_TEST_IN_AS(type, fixture, prefix, test, ...)                                        \
	static void test(type *self);                                                              \
	static void cloche_call_##test(void *cloche_self, CLOCHE_UNUSED const void *cloche_row)    \
	{                                                                                          \
		CLOCHE_CHECK_SELF(type);                                                           \
		test(CLOCHE_CAST(type *, cloche_self));                                            \
	}                                                                                          \
	CLOCHE_CASE(test, CLOCHE_BEHIND(prefix, test), &fixture, sizeof(type), 0, 0, 0,            \
		    __VA_ARGS__)                                                                   \
	static void test(CLOCHE_UNUSED type *self)

#define CLOCHE_FIXTURE_AS(fixture, ...)                                                            \
	CLOCHE_OPTIONS(cloche_options_of_##fixture, __VA_ARGS__)                                   \
	CLOCHE_UNUSED static struct cloche_fixture fixture = {                                     \
		CLOCHE_BEHIND("cloche_fixture_", fixture), &cloche_options_of_##fixture, 0, 0};

#define CLOCHE_CASE(test, name, fixture, self_size, rows, row_count, row_size, ...)                \
	CLOCHE_OPTIONS(cloche_options_of_##test, __VA_ARGS__)                                      \
	static const struct cloche_case cloche_case_##test = {name,                                \
							      __FILE__,                            \
							      __LINE__,                            \
							      &cloche_options_of_##test,           \
							      cloche_call_##test,                  \
							      fixture,                             \
							      self_size,                           \
							      rows,                                \
							      row_count,                           \
							      row_size};                           \
	CLOCHE_RETAIN __attribute__((                                                              \
		section("cloche_cases"))) static const struct cloche_case *cloche_entry_##test =   \
		&cloche_case_##test;                                                               \
	CLOCHE_NOTE

#define CLOCHE_HOOK(fixture, hook)                                                                 \
	static void cloche_##hook##_##fixture(struct fixture *self);                               \
	static void cloche_call_##hook##_##fixture(void *self)                                     \
	{                                                                                          \
		cloche_##hook##_##fixture(CLOCHE_CAST(struct fixture *, self));                    \
	}                                                                                          \
	__attribute__((constructor)) static void cloche_set_##hook##_##fixture(void)               \
	{                                                                                          \
		cloche_fixture_##fixture.hook = cloche_call_##hook##_##fixture;                    \
	}                                                                                          \
	static void cloche_##hook##_##fixture(CLOCHE_UNUSED struct fixture *self)

#define CLOCHE_ROW(rows) __typeof__((rows)[0])

#ifdef __cplusplus
#define CLOCHE_CHECK_SELF(type)                                                                    \
	static_assert(std::is_trivially_default_constructible<type>::value &&                      \
			      std::is_trivially_destructible<type>::value,                         \
		      "a fixture begins as zeros and is not constructed: hold a pointer to what "  \
		      "SETUP makes")
#else
#define CLOCHE_CHECK_SELF(type) (void)0
#endif

#define CLOCHE_CHECK_ROWS(rows)                                                                    \
	CLOCHE_STATIC_ASSERT(offsetof(CLOCHE_ROW(rows), name) == 0 &&                              \
				     sizeof((rows)[0].name) == sizeof(char *),                     \
			     "the first member of a row is 'const char *name'")

/*
 * An ELF note (elf(5)), by which a runner recognises a suite without running it: owner "cloche",
 * type 1, descriptor: u32 1, the version of the protocol. Once a translation unit; linkers keep
 * notes.
 */
#define CLOCHE_NOTE                                                                                \
	__asm__(".ifndef .Lcloche_note\n"                                                          \
		".set .Lcloche_note, 1\n"                                                          \
		".pushsection .note.cloche, \"a\", %note\n"                                        \
		".balign 4\n"                                                                      \
		".long 7, 4, 1\n"                                                                  \
		".asciz \"cloche\"\n"                                                              \
		".balign 4\n"                                                                      \
		".long 1\n"                                                                        \
		".popsection\n"                                                                    \
		".endif\n");

/* Registration: see struct cloche_unit. The linker defines the bounds where there are cases. */
#ifdef __cplusplus
extern "C" {
#endif
extern const struct cloche_case *const cloche_section_start[] __asm__("__start_cloche_cases")
	__attribute__((weak, visibility("hidden")));
extern const struct cloche_case *const cloche_section_stop[] __asm__("__stop_cloche_cases")
	__attribute__((weak, visibility("hidden")));
extern void cloche_gcov_init(void) __asm__("__gcov_init") __attribute__((weak));
extern void cloche_gcov_reset(void) __asm__("__gcov_reset") __attribute__((weak));
extern void cloche_llvm_reset(void) __asm__("__llvm_profile_reset_counters") __attribute__((weak));
extern void cloche_llvm_write(void) __asm__("__llvm_profile_write_file") __attribute__((weak));
extern void cloche_llvm_name(void) __asm__("__llvm_profile_initialize_file") __attribute__((weak));
#ifdef __cplusplus
}
#endif

/* LLVM_PROFILE_FILE was read when the program started; a case has one of its own. */
static inline void cloche_llvm_begin(void)
{
	if (cloche_llvm_reset)
		cloche_llvm_reset();
	if (cloche_llvm_name)
		cloche_llvm_name();
}

__attribute__((constructor)) static void cloche_register_unit(void)
{
	const bool gcov = cloche_gcov_init != 0;
	const struct cloche_unit unit = {
		sizeof(unit),
		cloche_section_start,
		cloche_section_stop,
		gcov || cloche_llvm_write != 0,
		gcov ? cloche_gcov_reset : cloche_llvm_begin,
	};

	if (unit.first)
		cloche_register(&unit);
}

#ifdef __cplusplus
template <typename Value> inline cloche_value cloche_value_of(const Value &value)
{
	using Plain = std::decay_t<Value>;
	cloche_value result = {};

	if constexpr (std::is_enum_v<Plain>) {
		return cloche_value_of(static_cast<std::underlying_type_t<Plain>>(value));
	} else if constexpr (std::is_same_v<Plain, bool>) {
		result.kind = CLOCHE_BOOL;
		result.as.u = value;
	} else if constexpr (std::is_same_v<Plain, char>) {
		result.kind = CLOCHE_CHAR;
		result.as.i = value;
	} else if constexpr (std::is_floating_point_v<Plain>) {
		result.kind = CLOCHE_REAL;
		result.real = value;
	} else if constexpr (std::is_integral_v<Plain> && std::is_signed_v<Plain>) {
		result.kind = CLOCHE_SIGNED;
		result.as.i = value;
	} else if constexpr (std::is_integral_v<Plain>) {
		result.kind = CLOCHE_UNSIGNED;
		result.as.u = value;
	} else if constexpr (std::is_null_pointer_v<Plain>) {
		result.kind = CLOCHE_POINTER;
	} else if constexpr (std::is_same_v<Plain, char *> || std::is_same_v<Plain, const char *>) {
		result.kind = CLOCHE_CHARS;
		result.as.pointer = value;
	} else {
		static_assert(std::is_pointer_v<Plain>,
			      "EXPECT compares numbers and pointers; expect members instead");
		result.kind = CLOCHE_POINTER;
		result.as.pointer = reinterpret_cast<const volatile void *>(value);
	}
	return result;
}
#define CLOCHE_VALUE(x) cloche_value_of(x)
#else
static inline struct cloche_value cloche_value_signed(long long i)
{
	return (struct cloche_value){CLOCHE_SIGNED, {.i = i}, 0};
}
static inline struct cloche_value cloche_value_unsigned(unsigned long long u)
{
	return (struct cloche_value){CLOCHE_UNSIGNED, {.u = u}, 0};
}
static inline struct cloche_value cloche_value_real(long double real)
{
	return (struct cloche_value){CLOCHE_REAL, {0}, real};
}
/* The pointers are not followed: what they point to need not be initialised. */
#if defined __GNUC__ && !defined __clang__ && __GNUC__ >= 11
#define CLOCHE_NOT_FOLLOWED __attribute__((access(none, 1)))
#else
#define CLOCHE_NOT_FOLLOWED
#endif
CLOCHE_NOT_FOLLOWED
static inline struct cloche_value cloche_value_pointer(const volatile void *pointer)
{
	return (struct cloche_value){CLOCHE_POINTER, {.pointer = pointer}, 0};
}
CLOCHE_NOT_FOLLOWED
static inline struct cloche_value cloche_value_chars(const char *pointer)
{
	return (struct cloche_value){CLOCHE_CHARS, {.pointer = pointer}, 0};
}
static inline struct cloche_value cloche_value_char(char c)
{
	return (struct cloche_value){CLOCHE_CHAR, {.i = c}, 0};
}
static inline struct cloche_value cloche_value_bool(bool b)
{
	return (struct cloche_value){CLOCHE_BOOL, {.u = b}, 0};
}

/* The default's default is for bit-fields, which match nothing until they are promoted. */
#define CLOCHE_VALUE(x)                                                                            \
	_Generic((x),                                                                              \
		bool: cloche_value_bool,                                                           \
		char: cloche_value_char,                                                           \
		signed char: cloche_value_signed,                                                  \
		short: cloche_value_signed,                                                        \
		int: cloche_value_signed,                                                          \
		long: cloche_value_signed,                                                         \
		long long: cloche_value_signed,                                                    \
		unsigned char: cloche_value_unsigned,                                              \
		unsigned short: cloche_value_unsigned,                                             \
		unsigned int: cloche_value_unsigned,                                               \
		unsigned long: cloche_value_unsigned,                                              \
		unsigned long long: cloche_value_unsigned,                                         \
		float: cloche_value_real,                                                          \
		double: cloche_value_real,                                                         \
		long double: cloche_value_real,                                                    \
		char *: cloche_value_chars,                                                        \
		const char *: cloche_value_chars,                                                  \
		default: _Generic(1 ? (x) : (x),                                                   \
			int: cloche_value_signed,                                                  \
			unsigned int: cloche_value_unsigned,                                       \
			long: cloche_value_signed,                                                 \
			unsigned long: cloche_value_unsigned,                                      \
			default: cloche_value_pointer))(x)
#endif
/* What _Generic only looks at has no side effects; clang warns of those it sees. */
#ifdef __clang__
#define CLOCHE_QUIET_PUSH                                                                          \
	_Pragma("clang diagnostic push")                                                           \
		_Pragma("clang diagnostic ignored \"-Wunevaluated-expression\"")
#define CLOCHE_QUIET_POP _Pragma("clang diagnostic pop")
#else
#define CLOCHE_QUIET_PUSH
#define CLOCHE_QUIET_POP
#endif

/* EXPECT by the number of its arguments. The text was taken before they expand. */
#define CLOCHE_CHECK(require, text, ...)                                                           \
	CLOCHE_PICK(__VA_ARGS__, CLOCHE_COMPARE, CLOCHE_expect_takes_one_or_three, CLOCHE_TRUTH, ) \
	(require, text, __VA_ARGS__)
#define CLOCHE_PICK(a, b, c, picked, ...) picked

#define CLOCHE_TRUTH(require, text, condition)                                                     \
	do {                                                                                       \
		const bool cloche_holds = (condition) ? true : false;                              \
                                                                                                   \
		cloche_truth(__FILE__, __LINE__, text, cloche_holds);                              \
		if (require && !cloche_holds)                                                      \
			cloche_end_test();                                                         \
	} while (0)

/* Every other macro ends like this: the test is over when a requirement does not hold. */
#define CLOCHE_JUDGE(require, holds)                                                               \
	do {                                                                                       \
		if (!(holds) && require)                                                           \
			cloche_end_test();                                                         \
	} while (0)

#define CLOCHE_COMPARE(require, text, a, op, b)                                                    \
	do {                                                                                       \
		CLOCHE_QUIET_PUSH                                                                  \
		if (!cloche_compare(__FILE__, __LINE__, text, CLOCHE_OPERATOR(op),                 \
				    CLOCHE_VALUE(a), CLOCHE_VALUE(b)) &&                           \
		    require)                                                                       \
			cloche_end_test();                                                         \
		CLOCHE_QUIET_POP                                                                   \
	} while (0)

#define CLOCHE_OK(require, text, ...)                                                              \
	__extension__({                                                                            \
		errno = 0;                                                                         \
		CLOCHE_AUTO cloche_result = (__VA_ARGS__);                                         \
		CLOCHE_UNUSED __typeof__(cloche_result) cloche_same;                               \
		CLOCHE_JUDGE(require,                                                              \
			     cloche_ok(__FILE__, __LINE__, text, CLOCHE_VALUE(cloche_result)));    \
		cloche_same = cloche_result; /* no value that is unused */                         \
	})

#define CLOCHE_ERRNO(require, error, text, ...)                                                    \
	do {                                                                                       \
		errno = 0;                                                                         \
		CLOCHE_AUTO cloche_result = (__VA_ARGS__);                                         \
		CLOCHE_JUDGE(require, cloche_errno(__FILE__, __LINE__, text, error,                \
						   CLOCHE_VALUE(cloche_result)));                  \
	} while (0)

#define CLOCHE_STR(require, text, a, op, b)                                                        \
	CLOCHE_JUDGE(require, cloche_str(__FILE__, __LINE__, text, CLOCHE_OPERATOR(op), a, b))

#define CLOCHE_MEM(require, text, a, op, b, size)                                                  \
	CLOCHE_JUDGE(require, cloche_mem(__FILE__, __LINE__, text, CLOCHE_OPERATOR(op), a, b, size))

#define CLOCHE_NEAR(require, text, a, b, tolerance)                                                \
	CLOCHE_JUDGE(require, cloche_near(__FILE__, __LINE__, text, a, b, tolerance))

#define CLOCHE_CHILD(by_signal, number, text, ...)                                                 \
	do {                                                                                       \
		if (cloche_child_start(__FILE__, __LINE__, text, by_signal, number)) {             \
			__VA_ARGS__;                                                               \
			cloche_child_finish();                                                     \
		}                                                                                  \
		cloche_child_expect(__FILE__, __LINE__, text);                                     \
	} while (0)

#endif /* CLOCHE_NO_CASES */
#endif
