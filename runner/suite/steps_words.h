/* SPDX-License-Identifier: MIT */
/*
 * steps_words.h: what the two sides of steps.h say to each other
 */
#ifndef CLOCHE_STEPS_WORDS_H
#define CLOCHE_STEPS_WORDS_H

#define STEPS_DIRECTORY   "directory"
#define STEPS_SET         "set"
#define STEPS_CHANGE      "change"
#define STEPS_NEED        "need"
#define STEPS_PASS        "pass"
#define STEPS_FAIL        "fail"
#define STEPS_SKIP        "skip"
#define STEPS_SKIP_STATUS "skip-status"
#define STEPS_WILL_FAIL   "will-fail"
#define STEPS_RUN         "run"
#define STEPS_REFUSE      "refuse"

/* In the output: what is announced, and with STEPS_STATUS why nothing was run. */
#define STEPS_TEST    "cloche: the test '"
#define STEPS_AFTER   "cloche: afterwards '"
#define STEPS_REFUSAL "cloche: "
#define STEPS_STATUS  125

static const char *const step_roles[] = {"setup", "before", "test", "after"};

#endif
