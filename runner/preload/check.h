/* SPDX-License-Identifier: MIT */
/*
 * check.h: what the kind `check` and what it preloads agree on
 */
#ifndef CLOCHE_PRELOAD_CHECK_H
#define CLOCHE_PRELOAD_CHECK_H

#define PRELOAD_CHECK_SUITE "cloche asks which suites there are"
#define PRELOAD_CHECK_CASE  "cloche asks which test cases there are"
#define PRELOAD_CHECK_TO    "/proc/self/fd/249"

#endif
