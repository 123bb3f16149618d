/* SPDX-License-Identifier: MIT */
/*
 * For programs that bring no main() of their own: alone in its archive member, and weak.
 */
#include "cloche.h"

__attribute__((weak)) CLOCHE_API int main(int argc, char **argv)
{
	return cloche_main(argc, argv);
}
