/* SPDX-License-Identifier: MIT */
#ifndef CLOCHE_H
#define CLOCHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define seconds(n)      ((double)(n))
#define milliseconds(n) ((double)(n) / 1e3)
#define minutes(n)      ((double)(n) * 60)
#define hours(n)        ((double)(n) * 3600)
#define days(n)         ((double)(n) * 86400)

#define ROOT_MINIMAL "minimal"
#define ROOT_COW     "cow"
#define ROOT_HOST    "host"

/* What a case asks for. Zero, or absent, is the default of each field. */
struct cloche_options {
	/* the case */
	double timeout;      /* seconds; default 60 */
	double grace;        /* seconds between SIGTERM and SIGKILL; default 2 */
	const char *tags;    /* "slow,net" */
	int expect_signal;   /* the case passes when it dies of this signal */
	bool expect_failure; /* the case passes when it fails, and fails when it passes */
	const char *leaks;   /* "warn" (default), "fail", "ignore": a process left behind */

	/* uts */
	const char *hostname;   /* default "cloche" */
	const char *domainname; /* default "(none)" */

	/* time: absolute values of the clocks at the start, or a shift from the machine's */
	double uptime, uptime_shift;       /* CLOCK_BOOTTIME, and CLOCK_MONOTONIC unless set */
	double monotonic, monotonic_shift; /* CLOCK_MONOTONIC */

	/* ids */
	const char *user; /* "root" (default), "me", or a number */
	const char *ids;  /* "one" (default), or "full": 65536 of them */

	/* root */
	const char *root;    /* "minimal", "cow", "host", or a directory */
	uint64_t tmpfs_size; /* bytes; default 1 GiB */
	const char *cwd;     /* default: the root's own */

	/* surroundings */
	const char *env; /* "A=1\nB=2": beside the clean ones; "A" alone passes the caller's on */
	bool tty;        /* a terminal of the cell's own on descriptors 0, 1 and 2 */

	/* limits, setrlimit(2) */
	uint64_t address_space; /* bytes */
	uint64_t file_size;     /* bytes */
	uint64_t descriptors;
	uint64_t processes;
	double cpu; /* seconds */

	/* isolation */
	const char *allow_missing; /* namespaces or resources a case can do without, one a line */
	bool no_isolation;         /* no cell at all */
};

#endif
