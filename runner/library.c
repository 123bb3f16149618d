/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>

#include "library.h"

/* A statically linked program has no interpreter, elf(5), and no dynamic linker to load with. */
bool library_can_load(void)
{
	const ElfW(Phdr) *part = (const ElfW(Phdr) *)getauxval(AT_PHDR);

	for (unsigned long i = 0; part && i < getauxval(AT_PHNUM); i++)
		if (part[i].p_type == PT_INTERP)
			return true;
	return !part;
}

bool library_find(void *library, const struct library_function *functions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		void *function = dlsym(library, functions[i].name);

		if (!function)
			return false;
		memcpy(functions[i].to, &function, sizeof(function)); /* as dlsym(3) has it */
	}
	return true;
}
