/* SPDX-License-Identifier: MIT */
/*
 * refuse SYSCALL=ERRNO... -- COMMAND: run a command to which the kernel refuses some system calls,
 * as a container's seccomp filter does. `clone` is refused only when it asks for a namespace, and
 * `ioctl` only on pidfds, as Linux does before 6.11.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int number_of(const char *name)
{
	for (int number = 1; number < 134; number++)
		if (strerrorname_np(number) && !strcmp(strerrorname_np(number), name))
			return number;
	return EPERM;
}

static int refuse(scmp_filter_ctx filter, char *rule)
{
	static const unsigned long namespaces[] = {CLONE_NEWUSER,  CLONE_NEWNS,  CLONE_NEWPID,
						   CLONE_NEWNET,   CLONE_NEWIPC, CLONE_NEWUTS,
						   CLONE_NEWCGROUP};
	char *equals = strchr(rule, '=');
	int number, result = 0;

	if (!equals)
		return -EINVAL;
	*equals = '\0';
	number = seccomp_syscall_resolve_name(rule);
	if (!strcmp(rule, "ioctl"))
		return seccomp_rule_add(filter, SCMP_ACT_ERRNO(number_of(equals + 1)), number, 1,
					SCMP_A1(SCMP_CMP_MASKED_EQ, 0xff00, 0xff00));
	if (strcmp(rule, "clone"))
		return seccomp_rule_add(filter, SCMP_ACT_ERRNO(number_of(equals + 1)), number, 0);
	for (size_t i = 0; i < sizeof(namespaces) / sizeof(*namespaces) && !result; i++)
		result =
			seccomp_rule_add(filter, SCMP_ACT_ERRNO(number_of(equals + 1)), number, 1,
					 SCMP_A0(SCMP_CMP_MASKED_EQ, namespaces[i], namespaces[i]));
	return result;
}

int main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int i, result = filter ? 0 : -ENOMEM;

	for (i = 1; i < argc && strcmp(argv[i], "--") && !result; i++)
		result = refuse(filter, argv[i]);
	if (!result)
		result = seccomp_load(filter);
	if (result || i + 1 >= argc) {
		fprintf(stderr, "refuse: %s\n", result ? strerror(-result) : "no command");
		return 99;
	}
	execvp(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 99;
}
