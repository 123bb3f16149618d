/* SPDX-License-Identifier: MIT */
/*
 * What locks are about, and what cells have for themselves. Pure.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "root.h"
#include "suite/locks.h"

static const struct {
	const char *word;
	unsigned about;
} words[] = {
	{"net", APART_NET},           {"network", APART_NET},
	{"port", APART_NET},          {"ports", APART_NET},
	{"socket", APART_NET},        {"sockets", APART_NET},
	{"tcp", APART_NET},           {"udp", APART_NET},
	{"http", APART_NET},          {"loopback", APART_NET},
	{"tmp", APART_TMP},           {"temp", APART_TMP},
	{"file", APART_TMP},          {"files", APART_TMP},
	{"dir", APART_TMP},           {"directory", APART_TMP},
	{"ipc", APART_IPC},           {"shm", APART_IPC},
	{"semaphore", APART_IPC},     {"mqueue", APART_IPC},
	{"hostname", APART_HOSTNAME}, {"gpu", APART_NOTHING},
	{"cuda", APART_NOTHING},      {"opencl", APART_NOTHING},
	{"device", APART_NOTHING},    {"hardware", APART_NOTHING},
	{"usb", APART_NOTHING},       {"kvm", APART_NOTHING},
	{"cpu", APART_NOTHING},       {"cores", APART_NOTHING},
	{"perf", APART_NOTHING},      {"performance", APART_NOTHING},
	{"timing", APART_NOTHING},    {"benchmark", APART_NOTHING},
	{"memory", APART_NOTHING},    {"ram", APART_NOTHING},
};

/* The letters at `at`; digits behind them ("port8080") do not count. */
static unsigned about_word(const char *at, size_t size)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i].word) == size && !strncasecmp(words[i].word, at, size))
			return words[i].about;
	return 0;
}

unsigned lock_about(const char *name)
{
	unsigned about = 0;

	while (name && *name) {
		size_t size = 0;

		while (isalpha((unsigned char)name[size]))
			size++;
		about |= about_word(name, size);
		name += size ? size : 1;
	}
	return about ? about : APART_ALL;
}

/* One of the names in a list option, which has one a line. */
static bool lists(const char *list, const char *name)
{
	size_t size = strlen(name);

	for (; list && *list; list += strcspn(list, "\n"), list += *list == '\n')
		if (strcspn(list, "\n") == size && !memcmp(list, name, size))
			return true;
	return false;
}

unsigned lock_isolated(const struct cloche_options *options)
{
	const char *missing = options->allow_missing;
	unsigned isolated = APART_ALL;

	if (options->no_isolation || lists(missing, "all"))
		return 0;
	if (lists(missing, "net"))
		isolated &= ~(unsigned)APART_NET;
	if (lists(missing, "mnt") || (options->root && !strcmp(options->root, ROOT_HOST)))
		isolated &= ~(unsigned)APART_TMP;
	if (lists(missing, "ipc"))
		isolated &= ~(unsigned)APART_IPC;
	if (lists(missing, "uts"))
		isolated &= ~(unsigned)APART_HOSTNAME;
	return isolated;
}

int lock_trust_parse(const char *text, unsigned *ret)
{
	static const char *const names[] = {"net", "tmp", "ipc", "hostname"};
	unsigned trust = 0;

	for (bool more = strcmp(text, "none") != 0; more;) {
		size_t size = strcspn(text, ","), i = 0;

		while (i < 4 && (strlen(names[i]) != size || memcmp(names[i], text, size) != 0))
			i++;
		if (i == 4)
			return -EINVAL;
		trust |= 1u << i;
		text += size;
		more = *text++ == ',';
	}
	*ret = trust;
	return 0;
}
