/* SPDX-License-Identifier: MIT */
/*
 * mappings.h: fewer mappings, for every fork copies each of them
 *
 * Linkers put the constants of a file before and behind its code, as mappings that may not be
 * executed. To a zygote, whose every cell is two forks, each mapping is some microseconds a cell.
 */
#ifndef CLOCHE_MAPPINGS_H
#define CLOCHE_MAPPINGS_H

/*
 * Make one mapping of each file's code and of the constants beside it, as linkers did until 2018
 * (-z noseparate-code): the constants can be executed then. Where the kernel does not allow it, all
 * stays as it is.
 */
void mappings_join(void);

#endif
