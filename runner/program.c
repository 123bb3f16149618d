/* SPDX-License-Identifier: MIT */
/* The program `cloche`; all of it is in the library, see main.c. */
int cloche_program(int argc, char **argv);

int main(int argc, char **argv)
{
	return cloche_program(argc, argv);
}
