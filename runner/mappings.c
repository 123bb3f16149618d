/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mappings.h"

static uintptr_t page_start(uintptr_t address)
{
	return address & -(uintptr_t)sysconf(_SC_PAGESIZE);
}

static uintptr_t page_end(uintptr_t address)
{
	return page_start(address + sysconf(_SC_PAGESIZE) - 1);
}

static bool is_loaded(const ElfW(Phdr) * segment, unsigned flags)
{
	return segment->p_type == PT_LOAD && (segment->p_flags & (PF_R | PF_W | PF_X)) == flags;
}

/* Segments are in the order of their addresses, elf(5). */
static bool are_neighbours(const ElfW(Phdr) * first, const ElfW(Phdr) * second)
{
	return page_end(first->p_vaddr + first->p_memsz) == page_start(second->p_vaddr);
}

static int join(struct dl_phdr_info *module, size_t size, void *unused)
{
	(void)size;
	(void)unused;
	for (int i = 0; i + 1 < module->dlpi_phnum; i++) {
		const ElfW(Phdr) *first = &module->dlpi_phdr[i], *second = first + 1, *constants;
		uintptr_t start, end;

		if (is_loaded(first, PF_R) && is_loaded(second, PF_R | PF_X))
			constants = first;
		else if (is_loaded(first, PF_R | PF_X) && is_loaded(second, PF_R))
			constants = second;
		else
			continue;
		start = page_start(constants->p_vaddr);
		end = page_end(constants->p_vaddr + constants->p_memsz);
		if (are_neighbours(first, second))
			mprotect((char *)module->dlpi_addr + start, end - start,
				 PROT_READ | PROT_EXEC);
	}
	return 0;
}

void mappings_join(void)
{
	dl_iterate_phdr(join, NULL);
}
