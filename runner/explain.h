/* SPDX-License-Identifier: MIT */
/*
 * explain.h: cures that are told in more than one place
 */
#ifndef CLOCHE_EXPLAIN_H
#define CLOCHE_EXPLAIN_H

/* EFBIG: RLIMIT_FSIZE, setrlimit(2), of whoever has started cloche. */
#define CURE_FILE_SIZE                                                                             \
	"the caller's limit on the size of files is too low; raise it: ulimit -f unlimited"

#endif
