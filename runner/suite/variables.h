/* SPDX-License-Identifier: MIT */
/*
 * variables.h: changes of environment variables, as CMake's ENVIRONMENT_MODIFICATION has them
 */
#ifndef CLOCHE_VARIABLES_H
#define CLOCHE_VARIABLES_H

/*
 * In the environment of this process: first what is `set` ("NAME=VALUE"; "NAME" is unset), then
 * what is `changed` ("NAME=OPERATION:VALUE"), where reset means the value that it had between the
 * two. Lists end with NULL. Returns 0, -EINVAL with the one that is wrong, or -ENOMEM.
 */
int variables_apply(const char *const *set, const char *const *changed, const char **ret_wrong);

#endif
