/* SPDX-License-Identifier: MIT */
/*
 * steps.h: a case of several commands, or of one that wants what no world says
 *
 * Build systems let a test run after others whose files it uses, or between one that sets something
 * up and one that cleans it. In a cell nothing is left of others, so these are run in the same
 * cell, one after the other, by this program itself: it is executed with STEPS_ARGUMENT and a list
 * of words, which a kind writes by the functions below.
 *
 *   setup   when it fails, the case is an error that names it
 *   before  its own case tells whether it fails
 *   test    the case: its status, or signal, becomes that of all; executed in place when nothing
 *           follows
 *   after   whatever becomes of the test
 */
#ifndef CLOCHE_STEPS_H
#define CLOCHE_STEPS_H

#include "suite/kind.h"
#include "suite/rules.h"

#define STEPS_ARGUMENT "--cloche-steps"

enum step_role { STEP_SETUP, STEP_BEFORE, STEP_TEST, STEP_AFTER };

/* The list: begin, then of each step what is to be said of it, and its command last. */
void steps_begin(struct command_line *command);
void steps_add(struct command_line *command, enum step_role role, const char *name);
void steps_directory(struct command_line *command, const char *directory);
void steps_set(struct command_line *command, const char *variable);  /* "NAME=VALUE", "NAME" */
void steps_change(struct command_line *command, const char *change); /* "NAME=OPERATION:VALUE" */
void steps_need(struct command_line *command, const char *file);
void steps_rules(struct command_line *command, const struct rules *rules);
void steps_run(struct command_line *command, const char *const *words);
/* In place of all that: the case is an error, for this reason. */
void steps_refuse(struct command_line *command, const char *sentence);

/* What came of it: why it could not be run, copied, or NULL. */
char *steps_refusal(const struct said *said);
/* What the test itself printed. */
void steps_output(const struct said *said, const char **ret_text, size_t *ret_size);

/* This program as the one that runs them. */
_Noreturn void steps_main(char **words);

#endif
